"""One deployer per endpoint: a second one waits, says so, and gives up in the end."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from prefect import flow, tags
from prefect.client.orchestration import get_client
from prefect.logging import disable_run_logger
from prefect.states import Crashed

from pedigree.aws.errors import TimedOut
from tasks.runs import slot
from tasks.runs.others import others_running
from tasks.runs.slot import hold

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture(autouse=True)
def _no_run_logger() -> Iterator[None]:
    with disable_run_logger():
        yield


@pytest.fixture(autouse=True)
def _nobody_else_runs() -> None:
    """Tests of killed runs leave them running on the server of the session."""
    with get_client(sync_client=True) as client:
        for run in others_running():
            client.set_flow_run_state(run.id, Crashed(), force=True)


def limit(endpoint: str) -> tuple[int, int]:
    """(how many may hold it, how many do)."""
    with get_client(sync_client=True) as client:
        found = client.read_global_concurrency_limit_by_name(f"pedigree-endpoint-{endpoint}")
        return found.limit, found.active_slots


def test_the_endpoint_is_held_by_one_and_freed_afterwards() -> None:
    with hold("dogs"):
        assert limit("dogs") == (1, 1)
    assert limit("dogs") == (1, 0)
    with hold("dogs"), hold("cats"):
        assert limit("cats") == (1, 1)


def test_a_deploy_that_fails_frees_the_endpoint() -> None:
    with pytest.raises(ConnectionError), hold("failing"):
        raise ConnectionError
    assert limit("failing") == (1, 0)


def test_who_waits_too_long_is_told_what_it_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "PATIENCE", 0.5)
    with hold("busy"):
        with pytest.raises(TimedOut, match=r"(?s)endpoint busy: a run that is dead did not release it.*limit pedigree-endpoint-busy"):
            enter(hold("busy"))
        assert limit("busy") == (1, 1)


def enter(held: AbstractContextManager[None]) -> None:
    with held:
        raise AssertionError("two hold it")


def test_who_waits_gets_the_endpoint_when_it_is_free() -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with disable_run_logger():
            waiting.set()
            with hold("handover"):
                order.append("second")

    with hold("handover"):
        other = threading.Thread(target=second)
        other.start()
        waiting.wait()
        order.append("first")
    other.join(timeout=120)
    assert order == ["first", "second"]


def test_the_runs_that_may_hold_it_are_named_and_not_the_one_that_waits() -> None:
    named: list[str] = []

    @flow(flow_run_name="waiter")
    def waiter() -> None:
        named.append(slot.holders())

    @flow(flow_run_name="deployer")
    def deployer() -> None:
        waiter()

    with tags("pedigree"):
        deployer()
    assert named == ["deployer"]

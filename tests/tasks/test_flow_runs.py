"""Which flow runs are dead, and which may still adopt what another left."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled

from tasks.runs import flow_runs
from tasks.runs.flow_runs import GRACE, adopting_run_lives, dead_runs, has_ended, is_under_way

NOW = datetime.now(UTC)
LONG_AGO = NOW - GRACE - timedelta(minutes=1)


def run(state: State[Any], *, age: timedelta = timedelta(), **more: Any) -> FlowRun:
    dated = state.model_copy(update={"timestamp": datetime.now(UTC) - age})
    values = {"flow_id": uuid.uuid4(), "state": dated, "state_type": state.type, "run_count": 1, "expected_start_time": LONG_AGO}
    return FlowRun.model_validate(values | more)


@pytest.mark.parametrize("final", [Completed, Failed, Crashed])
def test_a_run_is_over_once_nothing_can_resume_it_any_more(final: Callable[[], State[Any]]) -> None:
    assert has_ended(run(final(), age=GRACE + timedelta(minutes=1)))
    assert not has_ended(run(final(), age=GRACE - timedelta(minutes=1)))


@pytest.mark.parametrize("state", [Running, Pending, Cancelling, Paused, Scheduled])
def test_an_unfinished_run_is_never_over(state: Callable[[], State[Any]]) -> None:
    assert not has_ended(run(state(), age=timedelta(days=9)))


@pytest.mark.parametrize(
    ("scheduled", "under_way"),
    [
        ({"run_count": 0, "expected_start_time": NOW + timedelta(hours=9)}, False),
        ({"run_count": 0, "expected_start_time": NOW - timedelta(hours=1)}, True),
        ({"run_count": 1, "expected_start_time": NOW + timedelta(hours=9)}, True),
    ],
    ids=["a later tick", "late", "about to be resumed"],
)
def test_what_a_schedule_only_plans_is_not_under_way(scheduled: dict[str, Any], *, under_way: bool) -> None:
    assert is_under_way(run(Scheduled(), **scheduled)) is under_way


@flow
def mission() -> None: ...


def put(client: SyncPrefectClient, state: State[Any], *, tags: list[str]) -> str:
    return str(client.create_flow_run(mission, state=state, tags=tags).id)


@pytest.mark.usefixtures("prefect_server")
def test_prefect_is_asked_about_both(monkeypatch: pytest.MonkeyPatch) -> None:
    resumable, adopting = str(uuid.uuid4()), str(uuid.uuid4())  # other tests may have left runs that carry the real tags
    monkeypatch.setattr(flow_runs, "RESUMABLE", resumable)
    monkeypatch.setattr(flow_runs, "ADOPTING", adopting)
    assert not adopting_run_lives()
    with get_client(sync_client=True) as client:
        put(client, Scheduled(scheduled_time=NOW + timedelta(days=1)), tags=[resumable])
        put(client, Completed(), tags=[resumable])
        other = put(client, Running(), tags=["other"])
        assert not adopting_run_lives()
        living = put(client, Running(), tags=[resumable])
        assert adopting_run_lives()
        just_crashed = put(client, Crashed(), tags=[resumable])
        client.set_flow_run_state(uuid.UUID(living), Completed(), force=True)
        assert not adopting_run_lives()
        called_from_python = put(client, Running(), tags=[adopting])
        assert adopting_run_lives()
        client.set_flow_run_state(uuid.UUID(called_from_python), Completed(), force=True)
    unknown = str(uuid.uuid4())
    assert dead_runs({other, just_crashed, unknown}) == {unknown}

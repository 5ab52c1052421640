"""A process learns what the server says about its run: deleted, taken for dead, or continued by another process."""

import signal
import sys
import threading
import time
import uuid
from typing import Any
from uuid import UUID

import httpx
import prefect
import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound, TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Crashed, Pending, Running

from pedigree.report.headline import headline
from pedigree.report.record import Record
from pedigree.report.summary import summarize
from tasks.runs import lookout
from tasks.runs.lookout import Lookout, Seen
from tasks.runs.parameters import flow
from tasks.runs.stage import recorded, stage
from tasks.runs.tags import carry

PATIENCE = 60.0


@stage("training", of="x")
def train_for_ever() -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(0.05)


def stopped(_flow: Flow[Any, Any], run: FlowRun, state: State[Any]) -> None:
    carry("a deleted run has no tags")
    HOOKED.append((run.id, state.is_cancelling()))


HOOKED: list[tuple[UUID, bool]] = []
RECORDS: list[Record] = []


@flow(on_cancellation=[stopped])
def mission() -> None:
    run_id = UUID(flow_run.get_id())
    with get_client(sync_client=True) as client:
        client.delete_flow_run(run_id)
    with recorded(str(run_id), ("training", "gate")) as record:
        RECORDS.append(record)
        train_for_ever()


@pytest.mark.usefixtures("prefect_server")
def test_a_deleted_run_ends_within_a_few_looks_and_its_hook_stops_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.1)
    begun = time.monotonic()
    with pytest.raises((TerminationSignal, ObjectNotFound)):  # Prefect cannot set the state of a run that it does not know
        mission()
    assert time.monotonic() - begun < PATIENCE
    (record,) = RECORDS
    assert [(UUID(record.flow_run_id), True)] == HOOKED
    assert headline(summarize(record)) == "○ Cancelled at the stage training"


class Turns(threading.Event):
    """The end of a run after so many looks."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.left = most

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout == lookout.LOOK_SECONDS
        self.left -= 1
        return self.left < 0


class Says(Lookout):
    """A lookout that sees this, one after the other."""

    def __init__(self, *seen: Seen) -> None:
        super().__init__(uuid.uuid4())
        self.seen = iter(seen)

    def look(self) -> Seen:
        return next(self.seen)


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How the process was told to end."""
    told: list[str] = []
    monkeypatch.setattr("os.kill", lambda _process, number: told.append(signal.Signals(number).name))
    return told


GONE, OURS, AWAY = Seen.DELETED, Seen.OURS, Seen.UNKNOWN


@pytest.mark.parametrize(("seen", "ends"), [([GONE, OURS, GONE, GONE], True), ([OURS, GONE, AWAY, GONE], False), ([AWAY, OURS], False)])
def test_only_a_server_that_says_it_twice_in_a_row_ends_a_run(seen: list[Seen], ends: bool, killed: list[str]) -> None:  # noqa: FBT001
    gone = threading.Event()
    lookout.look_out(Says(*seen), Turns(len(seen) - 1), gone)
    assert (killed, gone.is_set()) == (["SIGTERM"] if ends else [], ends)


def test_a_process_whose_run_another_one_continues_ends_without_a_report(killed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    monkeypatch.setattr("os._exit", lambda status: sys.exit(status))
    with pytest.raises(SystemExit) as ended:
        lookout.look_out(Says(OURS, Seen.CONTINUED), Turns(5), gone)
    assert (ended.value.code, killed, gone.is_set()) == (0, [], False)


def test_a_server_that_does_not_answer_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: bool) -> None:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(lookout, "get_client", refuse)
    assert Lookout(uuid.uuid4()).look() == Seen.UNKNOWN


@prefect.flow
def living() -> list[Seen]:
    """A wrong verdict is set twice, then somebody starts the run again; it has no lookout but this one."""
    run = UUID(flow_run.get_id())
    eye = Lookout(run)
    seen = []
    with get_client(sync_client=True) as client:
        seen.append(eye.look())
        for make in (Crashed, Crashed, Pending):
            client.set_flow_run_state(run, make(), force=True)
            seen.append(eye.look())
            names.append(client.read_flow_run(run).state_name)
        client.set_flow_run_state(run, Running(), force=True)
        return [*seen, eye.look()]


names: list[str | None] = []


@pytest.mark.usefixtures("prefect_server")
def test_a_living_run_takes_back_a_wrong_verdict_and_gives_way_to_another_process() -> None:
    assert living() == [OURS, OURS, OURS, Seen.CONTINUED, Seen.CONTINUED]
    assert names == ["Running", "Running", "Pending"]

"""A run that is deleted in the Prefect UI while it works ends its work, as a cancelled one does."""

import threading
import time
import uuid
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound, TerminationSignal
from prefect.runtime import flow_run

from pedigree.report.headline import headline
from pedigree.report.record import Record
from pedigree.report.summary import summarize
from tasks.runs import deleted
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
    monkeypatch.setattr(deleted, "LOOK_SECONDS", 0.1)
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
        assert timeout == deleted.LOOK_SECONDS
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize(("answers", "ends"), [([True, False, True, True], True), ([False, True, False], False), ([], False)])
def test_only_a_server_that_says_it_twice_in_a_row_ends_a_run(answers: list[bool], ends: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    looks, gone, killed = iter(answers), threading.Event(), list[int]()
    monkeypatch.setattr(deleted, "is_deleted", lambda _run: next(looks))
    monkeypatch.setattr("os.kill", lambda _process, number: killed.append(number))
    deleted.interrupt_when_deleted(uuid.uuid4(), Turns(len(answers)), gone)
    assert (len(killed), gone.is_set()) == (int(ends), ends)


def test_a_server_that_does_not_answer_has_deleted_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: bool) -> None:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(deleted, "get_client", refuse)
    assert not deleted.is_deleted(uuid.uuid4())

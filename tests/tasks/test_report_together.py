"""Stages side by side: at once, each with its own end; one that fails ends the waiting of the others."""

import threading
from typing import Any

import pytest
from prefect import flow, task

from tasks.aws.errors import GivenUp, JobFailed
from tasks.aws.waiting import wait_until
from tasks.report.record import Record
from tasks.report.together import Call, run_together

pytestmark = pytest.mark.usefixtures("prefect_server")
MEETING = threading.Barrier(2)


@pytest.fixture
def record() -> Record:
    return Record("b1946ac9", ("one", "other"))


@task
def meet(word: str) -> str:
    MEETING.wait(timeout=60)  # in vain, if they came one after the other
    return word


@task
def fail() -> str:
    MEETING.wait(timeout=60)
    raise JobFailed("training job", "pets-train-1", "a rank died", "mend it")


@task
def wait_for_ever() -> str:
    MEETING.wait(timeout=60)
    return wait_until(lambda: "not yet", lambda _: False, step="training job", resource="pets-train-2", seconds=3600)


def together(record: Record, one: Call[str], other: Call[str], **options: Any) -> dict[str, str]:
    @flow
    def mission() -> dict[str, str]:
        return run_together(record, {"one": one, "other": other}, **{"on_failure": not_called} | options)

    return mission()


def not_called() -> None:
    raise AssertionError("nothing failed")


def test_they_run_at_once_and_each_has_its_own_value_and_seconds(record: Record) -> None:
    values = together(record, Call(meet, ("yes",)), Call(meet, ("no",)))
    assert values == record.values == {"one": "yes", "other": "no"}
    assert [(stage.status, stage.attempts, stage.seconds is not None) for stage in record.stages.values()] == [("completed", 1, True)] * 2


def test_one_that_fails_is_the_error_of_the_run_and_the_other_waits_no_longer(record: Record) -> None:
    ends: list[str] = []
    with pytest.raises(JobFailed, match="a rank died"):
        together(record, Call(wait_for_ever, ()), Call(fail, ()), on_failure=lambda: ends.extend(map(str, statuses(record))))
    assert ends == ["failed", "failed"]  # both had ended before it was called: nothing is started behind its back
    given_up, failed = record.stages.values()
    assert str(given_up.message).startswith(f"{GivenUp.__name__}: training job: pets-train-2: what this run did beside it failed")
    assert str(failed.message).startswith("JobFailed: training job: pets-train-1: a rank died")
    assert record.values == {}


def statuses(record: Record) -> list[str]:
    return [stage.status for stage in record.stages.values()]


def test_a_run_that_is_ended_leaves_what_it_started_to_its_hook_or_its_resumption(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.report.together.as_completed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        together(record, Call(wait_for_ever, ()), Call(wait_for_ever, ()))
    assert [stage.message for stage in record.stages.values()] == ["KeyboardInterrupt: the run was cancelled"] * 2


def interrupted(_futures: object) -> Any:
    raise KeyboardInterrupt

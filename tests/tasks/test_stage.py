"""What a stage leaves in the record, and in the log of the run."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent import futures

import pytest
from prefect import flow
from prefect.exceptions import CancelledRun, TerminationSignal
from prefect.futures import as_completed
from prefect.runtime import task_run

from pedigree.aws.errors import GateRefused
from pedigree.report.record import Record
from pedigree.values import Dataset
from tasks.runs.stage import recorded, stage
from tests.lab.report_records import stage_values

pytestmark = pytest.mark.usefixtures("prefect_server")
MEETING = threading.Barrier(2)


@pytest.fixture
def record() -> Iterator[Record]:
    with recorded("b1946ac9", ("dataset", "smoke test")) as record:
        yield record


@stage("dataset", of="x", retries=2, retry_delay_seconds=0)
def lose_first_answer(lost: list[str], name: str) -> Dataset:
    if not lost:
        lost.append(name)
        raise ConnectionError(name)
    dataset: Dataset = stage_values()["dataset"]
    return dataset


@stage("dataset", of="x")
def refuse() -> None:
    raise GateRefused("gate", "job", "below the baseline", "train longer")


@stage("smoke test", of="x")
def be_cancelled() -> None:
    raise KeyboardInterrupt


@stage("{word}", of="x")
def meet(word: str) -> str:
    MEETING.wait(timeout=60)  # in vain, if they came one after the other
    return word


def test_a_passing_error_is_one_more_attempt_of_a_completed_stage(record: Record) -> None:
    value = lose_first_answer([], name="lost")
    stage = record.stages["dataset"]
    assert (stage.status, stage.outcome, stage.attempts, stage.message) == ("completed", "adopted", 2, None)
    assert record.values == {"dataset": value}
    assert record.stages["smoke test"].attempts == 0


def test_outside_of_a_record_a_stage_is_a_task_like_any_other() -> None:
    assert lose_first_answer(["before"], "lost") == stage_values()["dataset"]


def test_a_refusal_is_no_failure_but_ends_the_run(record: Record) -> None:
    with pytest.raises(GateRefused):
        refuse()
    stage = record.stages["dataset"]
    assert (stage.status, stage.attempts) == ("refused", 1)
    assert stage.message == "GateRefused: gate: job: below the baseline\nWhat to do: train longer"


def test_a_cancelled_stage_says_so(record: Record) -> None:
    with pytest.raises(KeyboardInterrupt):
        be_cancelled()
    assert record.stages["smoke test"].status == "cancelled"
    assert record.stages["smoke test"].message == "the run was cancelled"


@pytest.mark.parametrize("error", [TerminationSignal(15), CancelledRun("x"), asyncio.CancelledError(), futures.CancelledError()])
def test_every_way_to_cancel_a_stage_is_recorded_as_one(record: Record, error: BaseException) -> None:
    def be_ended() -> None:
        raise error

    with pytest.raises(type(error)):
        stage("smoke test", of="x")(be_ended).fn()
    assert (record.stages["smoke test"].status, record.stages["smoke test"].message) == ("cancelled", "the run was cancelled")


@pytest.mark.parametrize(("error", "cancelled"), [(TerminationSignal(15), True), (ValueError("x"), False)])
def test_a_run_that_is_cancelled_between_two_stages_knows_it(error: BaseException, *, cancelled: bool) -> None:
    with pytest.raises(type(error)), recorded("b1946ac9", ("dataset",)) as record:
        raise error
    assert record.cancelled is cancelled


def test_a_stage_that_nobody_foresaw_joins_the_others(record: Record) -> None:
    stage("rollback", of="x")(lambda: None)()
    assert [each.status for each in record.stages.values()] == ["not reached", "not reached", "completed"]


def test_what_still_runs_when_its_run_is_over_was_cancelled_and_records_no_more(record: Record) -> None:
    begun = record.begin("dataset")
    record.close()
    record.end(begun, stage_values()["dataset"])
    assert (begun.status, begun.message) == ("cancelled", "the run was cancelled")


def test_stages_run_side_by_side_under_the_names_that_their_arguments_give() -> None:
    @flow
    def mission() -> Record:
        with recorded("b1946ac9", ("yes", "no")) as record:
            for future in as_completed([meet.submit("yes"), meet.submit("no")]):
                future.result()
        return record

    record = mission()
    assert record.values == {"yes": "yes", "no": "no"}
    assert [(stage.status, stage.attempts, stage.seconds is not None) for stage in record.stages.values()] == [("completed", 1, True)] * 2


def test_the_end_of_every_stage_is_one_sentence_in_the_log_of_the_run(caplog: pytest.LogCaptureFixture) -> None:
    @flow
    def mission() -> Record:
        with recorded("b1946ac9", ("dataset", "smoke test")) as record:
            lose_first_answer(["before"], name="lost")
            with pytest.raises(KeyboardInterrupt):
                be_cancelled()
        return record

    dataset, smoke_test = mission().stages.values()
    ours = [message for message in caplog.messages if message.startswith(("Dataset", "Smoke test"))]
    assert ours == [
        f"Dataset: 160 + 40 + 40 images, 2 classes, adopted in {dataset.seconds:.1f} s",
        f"Smoke test: cancelled after {smoke_test.seconds:.1f} s, the run was cancelled",
    ]


@stage("endpoint", of="{version}")
def name_in_prefect(version: str) -> str:
    return str(task_run.get_name())


def test_a_task_run_is_called_after_its_stage_and_resource() -> None:
    assert name_in_prefect("v3") == "endpoint: v3"

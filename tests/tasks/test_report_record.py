"""What a stage leaves in the record, and in the log of the run."""

import pytest
from prefect import flow, task

from tasks.aws.errors import GateRefused
from tasks.report.record import Record
from tasks.values import Dataset
from tests.tasks.report_records import stage_values

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def record() -> Record:
    return Record("b1946ac9", ("dataset", "smoke test"))


@task(name="lose the first answer", retries=2, retry_delay_seconds=0)
def lose_first_answer(lost: list[str], name: str) -> Dataset:
    if not lost:
        lost.append(name)
        raise ConnectionError(name)
    dataset: Dataset = stage_values()["dataset"]
    return dataset


@task(name="refuse")
def refuse() -> None:
    raise GateRefused("gate", "job", "below chance", "train longer")


@task(name="be cancelled")
def be_cancelled() -> None:
    raise KeyboardInterrupt


def test_a_passing_error_is_one_more_attempt_of_a_completed_stage(record: Record) -> None:
    value = record.run("dataset", lose_first_answer, [], name="lost")
    stage = record.stages["dataset"]
    assert (stage.status, stage.outcome, stage.attempts) == ("completed", "adopted", 2)
    assert record.values == {"dataset": value}
    assert record.stages["smoke test"].attempts == 0


def test_the_task_itself_counts_nothing_afterwards(record: Record) -> None:
    record.run("dataset", lose_first_answer, ["before"], name="lost")
    lose_first_answer.fn(["before"], "lost")
    assert record.stages["dataset"].attempts == 1


def test_a_refusal_is_no_failure_but_ends_the_run(record: Record) -> None:
    with pytest.raises(GateRefused):
        record.run("dataset", refuse)
    stage = record.stages["dataset"]
    assert (stage.status, stage.attempts) == ("refused", 1)
    assert stage.message == "GateRefused: gate: job: below chance\nWhat to do: train longer"


def test_a_cancelled_stage_says_so(record: Record) -> None:
    with pytest.raises(KeyboardInterrupt):
        record.run("smoke test", be_cancelled)
    assert record.stages["smoke test"].status == "failed"
    assert record.stages["smoke test"].message == "KeyboardInterrupt: the run was cancelled"


def test_the_end_of_every_stage_is_one_line_of_fields_in_the_log_of_the_run(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    @flow
    def mission() -> None:
        record.run("dataset", lose_first_answer, ["before"], name="lost")
        with pytest.raises(GateRefused):
            record.run("smoke test", refuse)

    mission()
    dataset, smoke_test = record.stages.values()
    ours = [message for message in caplog.messages if message.startswith("stage=")]
    assert ours == [
        f'stage="dataset" key=da7a5e7dd16e57aa outcome=adopted seconds={dataset.seconds} flow_run=b1946ac9',
        f'stage="smoke test" key=- outcome=refused seconds={smoke_test.seconds} flow_run=b1946ac9',
    ]

"""A job's own account of itself, without running anything."""

import pytest

from local_aws.call import AwsError
from local_aws.training.job import Job

SPEC = {
    "TrainingJobName": "one",
    "RoleArn": "arn:aws:iam::123456789012:role/r",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/jobs/"},
    "Tags": [{"Key": "a", "Value": "b"}],
}


@pytest.fixture
def job() -> Job:
    return Job(SPEC, "arn:aws:sagemaker:us-east-1:123456789012:training-job/one")


def test_a_description_has_the_request_but_not_its_tags(job: Job) -> None:
    described = job.describe()
    assert described["RoleArn"] == SPEC["RoleArn"]
    assert "Tags" not in described
    assert job.tags == SPEC["Tags"]


def test_each_step_closes_the_one_before(job: Job) -> None:
    job.launch()
    job.enter("Training")
    steps = job.describe()["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps] == ["Starting", "Downloading", "Training"]
    assert [step.get("EndTime") for step in steps] == [steps[1]["StartTime"], steps[2]["StartTime"], None]


def test_a_failure_reason_is_at_most_1024_characters(job: Job) -> None:
    job.end("Failed", "x" * 2000)
    assert job.describe()["FailureReason"] == "x" * 1024


def test_even_a_short_job_bills_a_second(job: Job) -> None:
    job.launch()
    job.end("Completed")
    assert job.describe()["BillableTimeInSeconds"] == 1


def test_the_last_value_of_a_metric_counts(job: Job) -> None:
    job.record_metric("loss", 2.0)
    job.record_metric("loss", 1.0)
    assert [metric["Value"] for metric in job.describe()["FinalMetricDataList"]] == [1.0]


def test_a_stop_is_asked_for_once_and_not_after_the_end(job: Job) -> None:
    job.ask_to_stop()
    job.ask_to_stop()
    assert job.status == "Stopping"
    assert [step["Status"] for step in job.describe()["SecondaryStatusTransitions"]] == ["Starting", "Stopping"]
    job.end("Stopped")
    with pytest.raises(AwsError, match="training job is in status Stopped"):
        job.ask_to_stop()

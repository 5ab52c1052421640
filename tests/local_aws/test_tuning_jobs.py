"""Tuning jobs through boto3: training jobs with other hyperparameters, their objective, the best of them, and the end."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import refusal_of
from tests.lab.sagemaker_training import IMAGE, Jobs, make_jobs

PRINTS = "import os; print('loss=' + os.environ['SM_HP_SIZE'], flush=True)"
SLEEPS = "import time; time.sleep(600)"


@pytest.fixture(scope="module")
def jobs(aws: RunningAws) -> Jobs:
    return make_jobs(aws)


def start(jobs: Jobs, script: str, *, parallel: int = 2, sizes: tuple[str, ...] = ("3", "1", "2"), kind: str = "Minimize") -> str:
    """Name of a new tuning job with a training job for each size."""
    metrics = [{"Name": "loss", "Regex": r"loss=(\S+)"}]
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": metrics}
    training = jobs.request("", AlgorithmSpecification=algorithm)
    del training["TrainingJobName"]
    name = f"tuning-{uuid.uuid4().hex[:8]}"
    jobs.client.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Grid",
            "HyperParameterTuningJobObjective": {"Type": kind, "MetricName": "loss"},
            "ResourceLimits": {"MaxParallelTrainingJobs": parallel},
            "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "size", "Values": list(sizes)}]},
        },
        TrainingJobDefinition={**training, "StaticHyperParameters": {"epochs": "1", **jobs.script_mode(train_py=script)}},
        Tags=[{"Key": "course", "Value": "one"}],
    )
    return name


def describe(jobs: Jobs, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = jobs.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    return answer


def ended(jobs: Jobs, name: str) -> dict[str, Any]:
    wait_until(lambda: describe(jobs, name)["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"), f"{name} never ended")
    return describe(jobs, name)


def training_jobs(jobs: Jobs, name: str, **parameters: str) -> list[dict[str, Any]]:
    listed = jobs.client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name, **parameters)
    found: list[dict[str, Any]] = listed["TrainingJobSummaries"]
    return found


@pytest.fixture(scope="module")
def tuned(jobs: Jobs) -> str:
    name = start(jobs, PRINTS)
    ended(jobs, name)
    return name


def test_each_training_job_has_hyperparameters_and_an_objective_of_its_own(jobs: Jobs, tuned: str) -> None:
    found = training_jobs(jobs, tuned, SortBy="FinalObjectiveMetricValue", SortOrder="Ascending")
    assert [each["TunedHyperParameters"] for each in found] == [{"size": size} for size in ("1", "2", "3")]
    assert [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in found] == [1, 2, 3]
    job = jobs.describe(found[0]["TrainingJobName"])
    assert job["HyperParameters"].items() >= {"epochs": "1", "size": "1", "_tuning_objective_metric": "loss"}.items()
    assert job["TuningJobArn"] == describe(jobs, tuned)["HyperParameterTuningJobArn"]
    assert job["TrainingJobName"].startswith(f"{tuned}-002-")


def test_the_best_is_the_least_or_the_greatest(jobs: Jobs, tuned: str) -> None:
    job = describe(jobs, tuned)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"size": "1"}
    assert job["TrainingJobStatusCounters"]["Completed"] == job["ObjectiveStatusCounters"]["Succeeded"] == 3
    greatest = ended(jobs, start(jobs, PRINTS, sizes=("1", "2"), kind="Maximize"))
    assert greatest["BestTrainingJob"]["TunedHyperParameters"] == {"size": "2"}


def test_it_is_listed_and_tagged(jobs: Jobs, tuned: str) -> None:
    (listed,) = jobs.client.list_hyper_parameter_tuning_jobs(NameContains=tuned)["HyperParameterTuningJobSummaries"]
    assert (listed["Strategy"], listed["HyperParameterTuningJobStatus"]) == ("Grid", "Completed")
    assert jobs.client.list_tags(ResourceArn=listed["HyperParameterTuningJobArn"])["Tags"] == [{"Key": "course", "Value": "one"}]


def test_no_more_run_than_may_and_stopping_ends_them_all(jobs: Jobs) -> None:
    name = start(jobs, SLEEPS, parallel=2, sizes=("1", "2", "3", "4"))
    wait_until(lambda: len(training_jobs(jobs, name)) == 2)
    assert describe(jobs, name)["TrainingJobStatusCounters"]["InProgress"] == 2
    with pytest.raises(ClientError, match="ResourceInUse"):
        jobs.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    jobs.client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert ended(jobs, name)["HyperParameterTuningJobStatus"] == "Stopped"
    assert [each["TrainingJobStatus"] for each in training_jobs(jobs, name)] == ["Stopped", "Stopped"]
    assert "is in status Stopped" in refusal_of(lambda: jobs.client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))
    jobs.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        describe(jobs, name)


@pytest.mark.parametrize(
    ("script", "reason"), [("raise SystemExit(1)", "All training jobs failed"), ("print('lost=1')", "No objective metrics")]
)
def test_a_tuning_job_without_an_objective_fails(jobs: Jobs, script: str, reason: str) -> None:
    job = ended(jobs, start(jobs, script, sizes=("1",)))
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert reason in job["FailureReason"]
    assert "BestTrainingJob" not in job


def test_a_name_is_taken_once(jobs: Jobs, tuned: str) -> None:
    config, definition = (describe(jobs, tuned)[name] for name in ("HyperParameterTuningJobConfig", "TrainingJobDefinition"))
    with pytest.raises(ClientError, match="ResourceInUse"):
        jobs.client.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=tuned, HyperParameterTuningJobConfig=config, TrainingJobDefinition=definition
        )

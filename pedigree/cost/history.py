"""The expected time of a job, from the newest similar job."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pedigree.aws.clients import SageMakerClient
from pedigree.aws.naming import job_name
from pedigree.settings import Training
from pedigree.text import duration
from pedigree.training.training_job import hyperparameters

SPOT_BASIS = "; at the on-demand price, because AWS lists no spot price for training: the saving is known afterwards"
LOOKED_AT = 20  # jobs
ALIKE = ("architecture", "image_size", "freeze_backbone")  # besides the instances, these decide the time of an epoch


@dataclass(frozen=True)
class Expected:
    """The expected hours of one job; `basis` names their source."""

    hours: float
    basis: str


def expected_training(sagemaker: SageMakerClient, project: str, training: Training, *, kinds: Sequence[str] = ("train",)) -> Expected:
    """Expect the epoch time of the newest similar job, of the first kind that has one; without one, all of `max_runtime_seconds`.

    AWS bills a spot job for less time than it takes; only an earlier spot job shows how much less.
    """
    return expected_from(chain.from_iterable(newest_completed(sagemaker, job_name(project, kind, "")) for kind in kinds), training)


def expected_from(jobs: Iterable[dict[str, Any]], training: Training) -> Expected:
    """Expect the epoch time of the first similar job; `jobs` are descriptions of completed jobs, the newest first."""
    for job in jobs:
        if is_like(job, training):
            saves = training.spot and job.get("EnableManagedSpotTraining", False)
            billed = job["BillableTimeInSeconds"]  # an EC2 record has no other time
            seconds = (billed if saves else job.get("TrainingTimeInSeconds", billed)) / int(job["HyperParameters"]["epochs"])
            basis = f"{training.epochs} epochs as in {job['TrainingJobName']}, {seconds:.3g} {'billed ' if saves else ''}s each"
            basis += SPOT_BASIS if training.spot and not saves else ""
            return Expected(min(seconds * training.epochs, training.max_runtime_seconds) / 3600, basis)
    basis = f"no similar job yet: all of max_runtime_seconds, {training.max_runtime_seconds} s"
    return Expected(training.max_runtime_seconds / 3600, basis + (SPOT_BASIS if training.spot else ""))


def expected_evaluation(sagemaker: SageMakerClient, project: str, training: Training, trains: Expected) -> Expected:
    """Expect the time of the newest completed evaluation on this instance type; without one, the time of the training."""
    for job in newest_completed(sagemaker, job_name(project, "evaluate", "")):
        if job["ResourceConfig"]["InstanceType"] == training.instance_type:
            seconds = job["BillableTimeInSeconds"]
            return Expected(seconds / 3600, f"{duration(seconds)} as {job['TrainingJobName']}")
    return Expected(trains.hours, "no evaluation on this instance type yet: as long as the training at most")


def is_like(job: dict[str, Any], training: Training) -> bool:
    resources, asked = job["ResourceConfig"], hyperparameters(training)
    return (resources["InstanceType"], resources["InstanceCount"]) == (training.instance_type, training.instance_count) and all(
        job["HyperParameters"].get(name) == asked[name] for name in ALIKE
    )


def newest_completed(sagemaker: SageMakerClient, prefix: str) -> Iterator[dict[str, Any]]:
    """Descriptions of the project's completed jobs of one kind, the newest first."""
    found = sagemaker.list_training_jobs(
        NameContains=prefix, StatusEquals="Completed", SortBy="CreationTime", SortOrder="Descending", MaxResults=LOOKED_AT
    )
    for summary in found["TrainingJobSummaries"]:
        if summary["TrainingJobName"].startswith(prefix):
            yield dict(sagemaker.describe_training_job(TrainingJobName=summary["TrainingJobName"]))

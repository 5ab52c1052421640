"""The throughput of this account's training jobs: the speed of the last epoch, and the billed time outside the epochs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pedigree.aws.clients import SageMakerClient
from pedigree.aws.naming import job_name
from pedigree.cost.history import ALIKE, newest_completed
from pedigree.settings import Training
from pedigree.training.training_job import hyperparameters


@dataclass(frozen=True)
class Throughput:
    """The speed of one job: `images_per_second` of all instances together, validation included, and `other_seconds` outside the epochs.

    `spot_saving` is the share of a managed spot job's time that AWS did not bill.
    """

    job: str
    instance_type: str
    instances: int
    images_per_second: float
    other_seconds: float
    spot_saving: float | None = None

    def seconds(self, images: int, epochs: int) -> float:
        """The billed seconds of a job with this number of training images and epochs."""
        return self.other_seconds + epochs * images / self.images_per_second


def measured_throughputs(sagemaker: SageMakerClient, project: str, training: Training) -> list[Throughput]:
    """The throughput of the newest completed similar job on each instance type and count.

    Similar jobs have the same architecture, image size and frozen part.
    """
    newest: dict[tuple[str, int], Throughput] = {}
    for measured in throughputs(sagemaker, project, training):
        newest.setdefault((measured.instance_type, measured.instances), measured)
    return list(newest.values())


def throughputs(sagemaker: SageMakerClient, project: str, training: Training) -> Iterator[Throughput]:
    """Throughputs of the completed similar jobs, the newest first."""
    asked = hyperparameters(training)
    for job in newest_completed(sagemaker, job_name(project, "train", "")):
        alike = all(job["HyperParameters"].get(name) == asked[name] for name in ALIKE)
        measured = throughput_of(job) if alike else None
        if measured:
            yield measured


def throughput_of(job: dict[str, Any]) -> Throughput | None:
    """The throughput from a job's description; None when its script did not measure the epochs.

    The saving of spot jobs: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
    """
    metrics = {metric["MetricName"]: float(metric["Value"]) for metric in job.get("FinalMetricDataList", [])}
    if not metrics.get("epoch:images_per_second"):
        return None
    took, resources = job["TrainingTimeInSeconds"], job["ResourceConfig"]
    epochs = int(job["HyperParameters"]["epochs"])
    return Throughput(
        job=job["TrainingJobName"],
        instance_type=resources["InstanceType"],
        instances=resources["InstanceCount"],
        images_per_second=metrics["epoch:images_per_second"],
        other_seconds=max(0.0, took - epochs * metrics["epoch:seconds"]),
        spot_saving=1 - job["BillableTimeInSeconds"] / took if job.get("EnableManagedSpotTraining") else None,
    )

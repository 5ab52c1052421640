"""How fast jobs of this account have trained: what each said of its last epoch, and what it was billed besides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pedigree.aws.naming import job_name
from pedigree.cost.history import ALIKE, newest_completed
from pedigree.settings import Training
from pedigree.training.training_job import hyperparameters


@dataclass(frozen=True)
class Throughput:
    """`images_per_second` of all instances together, validation included; `other_seconds` of the job were not epochs.

    `spot_saving` is the share of its time that a managed spot job was not billed for.
    """

    job: str
    instance_type: str
    instances: int
    images_per_second: float
    other_seconds: float
    spot_saving: float | None = None

    def seconds(self, images: int, epochs: int) -> float:
        """Of a job on so many training images."""
        return self.other_seconds + epochs * images / self.images_per_second


def measured_throughputs(sagemaker: Any, project: str, training: Training) -> list[Throughput]:
    """Of the newest completed job of this architecture, image size and frozen part on each kind and number of instances."""
    newest: dict[tuple[str, int], Throughput] = {}
    for measured in throughputs(sagemaker, project, training):
        newest.setdefault((measured.instance_type, measured.instances), measured)
    return list(newest.values())


def throughputs(sagemaker: Any, project: str, training: Training) -> Iterator[Throughput]:
    """The newest first."""
    asked = hyperparameters(training)
    for job in newest_completed(sagemaker, job_name(project, "train", "")):
        alike = all(job["HyperParameters"].get(name) == asked[name] for name in ALIKE)
        measured = throughput_of(job) if alike else None
        if measured:
            yield measured


def throughput_of(job: dict[str, Any]) -> Throughput | None:
    """From its description; None where its script did not measure itself.

    Of its savings: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
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

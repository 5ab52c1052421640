"""Where a training runs when AWS has no capacity for the instance type it was wanted on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pedigree.trained_model import NoCapacity


@dataclass(frozen=True)
class Places:
    """Instance types, the wanted one first, and the training image for each."""

    types: tuple[str, ...]
    image_of: Callable[[str], str]

    def place(self, request: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The request of a new attempt, on the type that AWS lacked least often in those before it."""
        lacking = [gap.instance_type for gap in gaps(earlier)]
        chosen = min(self.types, key=lacking.count)
        return {
            **request,
            "AlgorithmSpecification": {**request["AlgorithmSpecification"], "TrainingImage": self.image_of(chosen)},
            "ResourceConfig": {**request["ResourceConfig"], "InstanceType": chosen},
        }


def gaps(attempts: Sequence[Mapping[str, Any]]) -> tuple[NoCapacity, ...]:
    """The attempts that AWS had no instances for."""
    return tuple(
        NoCapacity(job["ResourceConfig"]["InstanceType"], job["TrainingJobName"], job.get("FailureReason") or job["SecondaryStatus"])
        for job in attempts
        if lacked_capacity(job)
    )


def lacked_capacity(job: Mapping[str, Any]) -> bool:
    """Whether AWS had no instances for the job; a spot job shows this when it reaches its maximum wait time."""
    reason = str(job.get("FailureReason", ""))
    by_reason = any(word in reason for word in ("CapacityError", "InsufficientInstanceCapacity"))
    return (job["TrainingJobStatus"] == "Failed" and by_reason) or job.get("SecondaryStatus") == "MaxWaitTimeExceeded"

"""The state of one transform job."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.utils import utcnow

from local_aws.call import AwsError

FINAL = ("Completed", "Failed", "Stopped")
REASON_LIMIT = 1024
SUMMARY = (
    "TransformJobName",
    "TransformJobArn",
    "CreationTime",
    "TransformEndTime",
    "LastModifiedTime",
    "TransformJobStatus",
    "FailureReason",
)


class TransformFailed(Exception):
    """The job cannot go on; its text is the FailureReason."""


class Job:
    """A transform job; `spec` is the CreateTransformJob request. moto's records hold the job too, and read its `arn` and `tags`."""

    def __init__(self, spec: Mapping[str, Any], arn: str, keep: Callable[[], object]) -> None:
        self.spec, self.arn, self.tags = dict(spec), arn, list(spec.get("Tags", []))
        self.name: str = spec["TransformJobName"]
        now = utcnow()
        self._fields: dict[str, Any] = {"TransformJobStatus": "InProgress", "CreationTime": now, "LastModifiedTime": now}
        self._begin(keep)

    def _begin(self, keep: Callable[[], object]) -> None:
        """Make what belongs to one process; `keep` keeps the job, and nobody sees an end of the job that is not kept."""
        self._keep, self._lock, self.stop_asked = keep, threading.Lock(), threading.Event()

    def __getstate__(self) -> dict[str, Any]:
        """The state that the memory keeps; it is read without the lock, because the thread that ends the job holds it."""
        return {name: getattr(self, name) for name in ("spec", "arn", "tags", "name")} | {"_fields": dict(self._fields)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._begin(lambda: None)

    @property
    def status(self) -> str:
        return str(self._fields["TransformJobStatus"])

    @property
    def ended(self) -> bool:
        return self.status in FINAL

    @property
    def instances(self) -> Counter[str]:
        """The number of instances of its type, until the job has ended."""
        resources = self.spec["TransformResources"]
        return Counter() if self.ended else Counter({resources["InstanceType"]: resources["InstanceCount"]})

    def describe(self) -> dict[str, Any]:
        """The DescribeTransformJob answer."""
        with self._lock:
            return {name: value for name, value in self.spec.items() if name != "Tags"} | self._fields | {"TransformJobArn": self.arn}

    def summary(self) -> dict[str, Any]:
        described = self.describe()
        return {name: described[name] for name in SUMMARY if name in described}

    def start(self) -> None:
        """Begin the billed time."""
        with self._lock:
            self._set(TransformStartTime=utcnow())

    def ask_to_stop(self) -> None:
        """Ask the job to stop; AWS's ValidationException when it has already ended."""
        with self._lock:
            if self.ended:
                raise AwsError("ValidationException", f"The request was rejected because the transform job is in status {self.status}.")
            self._set(TransformJobStatus="Stopping")
        self.stop_asked.set()

    def end(self, status: str, reason: str = "") -> None:
        with self._lock:
            self._set(TransformJobStatus=status, TransformEndTime=utcnow(), **({"FailureReason": reason[:REASON_LIMIT]} if reason else {}))
            self._keep()

    def _set(self, **fields: Any) -> None:
        self._fields |= {**fields, "LastModifiedTime": utcnow()}

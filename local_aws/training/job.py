"""The state of one training job: what was asked, how far it is, and the events that end it."""

import queue
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from local_aws.call import AwsError

MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
FINAL = {"Completed": "Completed", "Failed": "Failed", "Stopped": "Stopped", "MaxRuntimeExceeded": "Stopped"}  # secondary -> primary
DEFAULTS = {"EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False, "EnableManagedSpotTraining": False}
REASON_LIMIT = 1024


class TrainingFailed(Exception):
    """The job cannot go on; its text is the FailureReason."""


class Job:
    """`spec` is the CreateTrainingJob request. Kept in moto's books too, which find `arn` and `tags` on it."""

    def __init__(self, spec: Mapping[str, Any], arn: str) -> None:
        self.spec, self.arn, self.tags = dict(spec), arn, list(spec.get("Tags", []))
        self.name: str = spec["TrainingJobName"]
        self.stop_asked = threading.Event()  # by StopTrainingJob, or because local_aws ends
        self.events: queue.Queue[tuple[str, int] | None] = queue.Queue()  # (host, exit status) as they end; None: asked to stop
        self._lock = threading.Lock()
        now = utcnow()
        self._fields: dict[str, Any] = {"TrainingJobStatus": "InProgress", "CreationTime": now}
        self._transitions: list[dict[str, Any]] = []
        self._metrics: dict[str, dict[str, Any]] = {}
        self._enter("Starting")

    @property
    def status(self) -> str:
        return str(self._fields["TrainingJobStatus"])

    @property
    def instances(self) -> Counter[str]:
        """How many it takes of each instance type while it has not ended."""
        cluster = self.spec["ResourceConfig"]
        return Counter[str]() if self.ended else Counter({cluster["InstanceType"]: cluster["InstanceCount"]})

    @property
    def ended(self) -> bool:
        return self.status in FINAL.values()

    def describe(self) -> dict[str, Any]:
        """The DescribeTrainingJob answer."""
        with self._lock:
            asked = {key: value for key, value in self.spec.items() if key != "Tags"}
            transitions = [dict(transition) for transition in self._transitions]
            return (
                DEFAULTS
                | asked
                | self._fields
                | {
                    "TrainingJobArn": self.arn,
                    "SecondaryStatusTransitions": transitions,
                    "FinalMetricDataList": list(self._metrics.values()),
                }
            )

    def summary(self) -> dict[str, Any]:
        members = ("TrainingJobStatus", "SecondaryStatus", "CreationTime", "LastModifiedTime", "TrainingEndTime")
        with self._lock:
            known = {key: self._fields[key] for key in members if key in self._fields}
        return {"TrainingJobName": self.name, "TrainingJobArn": self.arn} | known

    def enter(self, secondary: str) -> None:
        with self._lock:
            self._enter(secondary)

    def started(self) -> None:
        """The billed time begins: instances are there, input is being downloaded."""
        with self._lock:
            self._fields["TrainingStartTime"] = utcnow()
            self._enter("Downloading")

    def record_metric(self, name: str, value: float) -> None:
        with self._lock:
            self._metrics[name] = {"MetricName": name, "Value": value, "Timestamp": utcnow()}

    def set_model(self, uri: str) -> None:
        with self._lock:
            self._fields["ModelArtifacts"] = {"S3ModelArtifacts": uri}

    def ask_to_stop(self) -> None:
        """Raises the ValidationException of AWS when the job has already ended."""
        with self._lock:
            if self.ended:
                raise AwsError("ValidationException", f"The request was rejected because the training job is in status {self.status}.")
            if not self.stop_asked.is_set():
                self._fields["TrainingJobStatus"] = "Stopping"
                self._enter("Stopping")
        self.stop_asked.set()
        self.events.put(None)

    def end(self, secondary: str, reason: str = "") -> None:
        with self._lock:
            self._fields["TrainingJobStatus"] = FINAL[secondary]
            if reason:
                self._fields["FailureReason"] = reason[:REASON_LIMIT]
            self._enter(secondary)
            now = self._transitions[-1]["EndTime"] = self._fields["TrainingEndTime"] = utcnow()
            seconds = int((now - self._fields.get("TrainingStartTime", now)).total_seconds())
            self._fields["TrainingTimeInSeconds"] = self._fields["BillableTimeInSeconds"] = max(1, seconds)

    def _enter(self, secondary: str) -> None:
        now = utcnow()
        if self._transitions:
            self._transitions[-1]["EndTime"] = now
        self._transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": MESSAGES[secondary]})
        self._fields |= {"SecondaryStatus": secondary, "LastModifiedTime": now}

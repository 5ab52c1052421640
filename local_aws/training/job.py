"""The state of one training job: its request, its status, and the events that interrupt or end it."""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from local_aws.call import AwsError
from local_aws.rules import rule

MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "The managed spot training instances were interrupted",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}
NO_CAPACITY_YET = "Insufficient capacity error from EC2 while launching instances, retrying!"
FINAL = {  # secondary -> primary
    "Completed": "Completed",
    "Failed": "Failed",
    **dict.fromkeys(("Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"), "Stopped"),
}
SPOT_SHARE = 0.3  # AWS bills a spot job for this share of its time
NOT_EVALUATED = "local_aws runs no containers of debugger and profiler rules: it keeps the rules of a job and evaluates none of them."
RULES = {"DebugRuleConfigurations": "DebugRuleEvaluationStatuses", "ProfilerRuleConfigurations": "ProfilerRuleEvaluationStatuses"}
DEFAULTS = {"EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False, "EnableManagedSpotTraining": False}
REASON_LIMIT = 1024


class TrainingFailed(Exception):
    """The job cannot go on; its text is the FailureReason."""


@dataclass(frozen=True)
class HostEnded:
    host: str
    status: int


@dataclass(frozen=True)
class StopAsked:
    """The event of StopTrainingJob, or of the end of local_aws."""


@dataclass(frozen=True)
class InstancesTaken:
    """The event of a spot interruption; no other instances are available for `seconds`."""

    seconds: float


Event = HostEnded | StopAsked | InstancesTaken


class Job:
    """A training job; `spec` is the CreateTrainingJob request. moto's records hold the job too, and read its `arn` and `tags`."""

    def __init__(self, spec: Mapping[str, Any], arn: str, keep: Callable[[], object] = lambda: None) -> None:
        self.spec, self.arn, self.tags = dict(spec), arn, list(spec.get("Tags", []))
        self.name: str = spec["TrainingJobName"]
        self._begin(keep)
        now = utcnow()
        self._fields: dict[str, Any] = {"TrainingJobStatus": "InProgress", "CreationTime": now}
        self._transitions: list[dict[str, Any]] = []
        self._metrics: dict[str, dict[str, Any]] = {}
        self._trained = 0.0  # seconds before the current launch
        self._enter("Starting")

    def _begin(self, keep: Callable[[], object]) -> None:
        """Make what belongs to one process; `keep` keeps the job, and nobody sees an end of the job that is not kept."""
        self._keep, self._lock = keep, threading.Lock()
        self.stop_asked = threading.Event()
        self.events: queue.Queue[Event] = queue.Queue()
        self._launched_at: datetime | None = None

    def __getstate__(self) -> dict[str, Any]:
        """The state that the memory keeps; it is read without the lock, because the thread that ends the job holds it."""
        kept = ("spec", "arn", "tags", "name", "_trained")
        copied = {"_fields": dict(self._fields), "_transitions": [*map(dict, self._transitions)], "_metrics": dict(self._metrics)}
        return {name: getattr(self, name) for name in kept} | copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._begin(lambda: None)

    @property
    def status(self) -> str:
        return str(self._fields["TrainingJobStatus"])

    @property
    def is_spot(self) -> bool:
        return bool(self.spec.get("EnableManagedSpotTraining"))

    @property
    def instance_type(self) -> str:
        return str(self.spec["ResourceConfig"]["InstanceType"])

    @property
    def seconds(self) -> float:
        """The seconds with instances, all launches together."""
        return self._trained + ((utcnow() - self._launched_at).total_seconds() if self._launched_at else 0.0)

    @property
    def instances(self) -> Counter[tuple[str, str]]:
        """The number of instances for each (use of the quotas, instance type), until the job has ended."""
        use = "spot training job" if self.is_spot else "training job"
        return Counter() if self.ended else Counter({(use, self.instance_type): self.spec["ResourceConfig"]["InstanceCount"]})

    @property
    def ended(self) -> bool:
        return self.status in FINAL.values()

    def describe(self) -> dict[str, Any]:
        """The DescribeTrainingJob answer."""
        with self._lock:
            asked = {key: value for key, value in self.spec.items() if key != "Tags"}
            asked["OutputDataConfig"] = {"KmsKeyId": "", **asked["OutputDataConfig"]}
            transitions = [dict(transition) for transition in self._transitions]
            return (
                DEFAULTS
                | asked
                | {"OutputDataConfig": output_described(self.spec["OutputDataConfig"])}
                | self._fields
                | self._rules()
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

    def wait_for_capacity(self) -> None:
        with self._lock:
            self._transitions[-1]["StatusMessage"] = NO_CAPACITY_YET

    def launch(self) -> None:
        """Begin or continue the billed time: the instances are ready, and the input is downloaded."""
        with self._lock:
            self._launched_at = utcnow()
            self._fields.setdefault("TrainingStartTime", self._launched_at)
            self._enter("Downloading")

    def interrupt(self) -> None:
        """Record an interruption: the instances are lost, and only the checkpoints are left."""
        with self._lock:
            self._stand_still()
            self._enter("Interrupted")

    def record_metric(self, name: str, value: float) -> None:
        with self._lock:
            self._metrics[name] = {"MetricName": name, "Value": value, "Timestamp": utcnow()}

    def metric(self, name: str) -> float | None:
        """The latest value of a metric; None before there is one."""
        with self._lock:
            return float(self._metrics[name]["Value"]) if name in self._metrics else None

    def set_model(self, uri: str) -> None:
        with self._lock:
            self._fields["ModelArtifacts"] = {"S3ModelArtifacts": uri}

    def ask_to_stop(self) -> None:
        """Ask the job to stop; AWS's ValidationException when it has already ended."""
        with self._lock:
            if self.ended:
                raise AwsError("ValidationException", f"The request was rejected because the training job is in status {self.status}.")
            if not self.stop_asked.is_set():
                self._fields["TrainingJobStatus"] = "Stopping"
                self._enter("Stopping")
        self.stop_asked.set()
        self.events.put(StopAsked())

    def end(self, secondary: str, reason: str = "") -> None:
        with self._lock:
            self._fields["TrainingJobStatus"] = FINAL[secondary]
            if reason:
                self._fields["FailureReason"] = reason[:REASON_LIMIT]
            self._enter(secondary)
            self._transitions[-1]["EndTime"] = self._fields["TrainingEndTime"] = utcnow()
            self._stand_still()
            if "TrainingStartTime" in self._fields:
                billed = self._trained * (SPOT_SHARE if self.is_spot else 1)
                self._fields |= {"TrainingTimeInSeconds": max(1, int(self._trained)), "BillableTimeInSeconds": max(1, int(billed))}
            self._keep()

    def _rules(self) -> dict[str, Any]:
        """The statuses of debugger and profiler rules, which are errors: to say that a rule found nothing would be wrong."""
        ended = {"RuleEvaluationStatus": "Error", "StatusDetails": NOT_EVALUATED, "LastModifiedTime": self._fields["CreationTime"]}
        asked = {answer: self.spec[member] for member, answer in RULES.items() if self.spec.get(member)}
        return {
            answer: [{"RuleConfigurationName": rule["RuleConfigurationName"], **ended} for rule in rules] for answer, rules in asked.items()
        }

    def _stand_still(self) -> None:
        self._trained, self._launched_at = self.seconds, None

    def _enter(self, secondary: str) -> None:
        now = utcnow()
        if self._transitions:
            self._transitions[-1]["EndTime"] = now
        self._transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": MESSAGES[secondary]})
        self._fields |= {"SecondaryStatus": secondary, "LastModifiedTime": now}


@rule(
    "SageMaker DescribeTrainingJob",
    "OutputDataConfig.KmsKeyId is in the answer also where none was given: it is empty then.",
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputDataConfig.html",
)
def output_described(config: Mapping[str, Any]) -> dict[str, Any]:
    return {"KmsKeyId": "", **config}

"""The state of one tuning job: its request, its status, and its training jobs with their objective."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from local_aws.call import AwsError
from local_aws.training.job import Job
from local_aws.tuning.ranges import Values

COUNTED = {"Completed": "Completed", "Failed": "NonRetryableError", "Stopped": "Stopped"}
OBJECTIVE = "FinalHyperParameterTuningJobObjectiveMetric"
ASKED = ("HyperParameterTuningJobName", "HyperParameterTuningJobConfig", "TrainingJobDefinition")


class TuningJob:
    """A tuning job; `spec` is its request. moto's records hold it too, and read its `arn` and `tags`."""

    def __init__(self, spec: Mapping[str, Any], arn: str) -> None:
        self.spec, self.arn, self.tags = dict(spec), arn, list(spec.get("Tags", []))
        self.name: str = spec["HyperParameterTuningJobName"]
        self.config: Mapping[str, Any] = spec["HyperParameterTuningJobConfig"]
        self.definition: Mapping[str, Any] = spec["TrainingJobDefinition"]
        self.stop_asked = threading.Event()
        self._lock = threading.Lock()
        self._tried: list[tuple[Job, Values]] = []
        now = utcnow()
        self._fields: dict[str, Any] = {"HyperParameterTuningJobStatus": "InProgress", "CreationTime": now, "LastModifiedTime": now}

    @property
    def status(self) -> str:
        return str(self._fields["HyperParameterTuningJobStatus"])

    @property
    def ended(self) -> bool:
        return self.status in ("Completed", "Failed", "Stopped")

    @property
    def training_jobs(self) -> list[Job]:
        with self._lock:
            return [job for job, _ in self._tried]

    @property
    def objectives(self) -> Counter[str]:
        """The number of training jobs by ObjectiveStatus."""
        return Counter(self._objective_status(job) for job in self.training_jobs)

    def add(self, job: Job, values: Values) -> None:
        with self._lock:
            self._tried.append((job, values))

    def ask_to_stop(self) -> None:
        """Ask the job to stop; AWS's ValidationException when it has already ended."""
        with self._lock:
            if self.ended:
                raise AwsError("ValidationException", f"The request was rejected because the tuning job is in status {self.status}.")
            self._set("Stopping")
        self.stop_asked.set()

    def end(self, status: str, reason: str = "") -> None:
        with self._lock:
            self._set(status)
            self._fields["HyperParameterTuningEndTime"] = self._fields["LastModifiedTime"]
            if reason:
                self._fields["FailureReason"] = reason

    def describe(self) -> dict[str, Any]:
        """The DescribeHyperParameterTuningJob answer."""
        best = self._best()
        return {
            **{member: self.spec[member] for member in ASKED},
            **self._fields,
            **self._counters(),
            "HyperParameterTuningJobArn": self.arn,
            **({"BestTrainingJob": best} if best else {}),
        }

    def summary(self) -> dict[str, Any]:
        shown = {member: value for member, value in self._fields.items() if member != "FailureReason"}
        limits = {"Strategy": self.config["Strategy"], "ResourceLimits": self.config["ResourceLimits"]}
        return {"HyperParameterTuningJobName": self.name, "HyperParameterTuningJobArn": self.arn, **shown, **self._counters(), **limits}

    def training_summaries(self) -> list[dict[str, Any]]:
        with self._lock:
            tried = list(self._tried)
        return [self._training_summary(job, values) for job, values in tried]

    def _training_summary(self, job: Job, values: Values) -> dict[str, Any]:
        described = job.describe()
        members = ("TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime", "TrainingJobStatus")
        known = {member: described[member] for member in (*members, "FailureReason") if member in described}
        status, value = self._objective_status(job), self._objective(job)
        metric = {OBJECTIVE: {**self._wanted, "Value": value}} if status == "Succeeded" else {}
        return {**known, "TunedHyperParameters": values, "ObjectiveStatus": status, **metric}

    def _best(self) -> dict[str, Any] | None:
        succeeded = [each for each in self.training_summaries() if each["ObjectiveStatus"] == "Succeeded"]
        choose = max if self._wanted["Type"] == "Maximize" else min
        return choose(succeeded, key=lambda each: each[OBJECTIVE]["Value"], default=None)

    @property
    def _wanted(self) -> Mapping[str, str]:
        objective: Mapping[str, str] = self.config["HyperParameterTuningJobObjective"]
        return objective

    def _objective(self, job: Job) -> float | None:
        return job.metric(self._wanted["MetricName"])

    def _objective_status(self, job: Job) -> str:
        if not job.ended:
            return "Pending"
        return "Succeeded" if job.status == "Completed" and self._objective(job) is not None else "Failed"

    def _counters(self) -> dict[str, Any]:
        objectives, statuses = self.objectives, Counter(COUNTED.get(job.status, "InProgress") for job in self.training_jobs)
        return {
            "TrainingJobStatusCounters": {name: statuses[name] for name in (*COUNTED.values(), "InProgress", "RetryableError")},
            "ObjectiveStatusCounters": {name: objectives[name] for name in ("Succeeded", "Pending", "Failed")},
        }

    def _set(self, status: str) -> None:
        self._fields |= {"HyperParameterTuningJobStatus": status, "LastModifiedTime": utcnow()}

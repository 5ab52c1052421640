"""Metrics of a job: the regular expressions of its MetricDefinitions find them in its log."""

import math
import re

from local_aws.cloud import Cloud
from local_aws.iam.on_behalf import may_put_metrics
from local_aws.training.job import Job

NAMESPACE = "/aws/sagemaker/TrainingJobs"


class MetricReader:
    """Reads log lines; every match becomes the job's latest value and, where the role may put it, a datum in CloudWatch."""

    def __init__(self, cloud: Cloud, job: Job) -> None:
        self._cloud, self._job = cloud, job
        self._is_allowed = may_put_metrics(cloud, job.spec["RoleArn"], NAMESPACE)
        definitions = job.spec["AlgorithmSpecification"].get("MetricDefinitions", [])
        self._patterns = [(definition["Name"], re.compile(definition["Regex"])) for definition in definitions]

    def read(self, line: str) -> None:
        for name, pattern in self._patterns:
            for match in pattern.finditer(line):
                self._record(name, match[1])

    def _record(self, name: str, text: str) -> None:
        try:
            value = float(text)
        except (TypeError, ValueError):  # the group did not match, or its text is not a number
            return
        if math.isfinite(value):
            self._job.record_metric(name, value)
            if self._is_allowed:
                self._cloud.put_metric(NAMESPACE, name, value, "None", {"TrainingJobName": self._job.name})

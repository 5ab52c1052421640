"""The CloudWatch metrics of invocations, put once a second as statistic sets so that a call costs next to nothing."""

import threading
from collections.abc import Iterator
from typing import Any

from moto.core.utils import utcnow

from local_aws.cloud import Cloud

NAMESPACE = "AWS/SageMaker"
INTERVAL = 1.0  # seconds
UNITS = {"ModelLatency": "Microseconds"}

Series = tuple[str, str, str]  # endpoint, variant, metric


class Meter:
    """Gathers values and hands them to CloudWatch's books; 1/instances is sent as InvocationsPerInstance, as AWS does."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._gathered: dict[Series, list[float]] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="endpoint metrics", daemon=True)
        self._thread.start()

    def record(self, endpoint: str, variant: str, *, status: int, latency: float, instances: int) -> None:
        """One invocation: HTTP status (0 for none), seconds in the model, instances behind the variant."""
        values = {
            "Invocations": 1.0,
            "InvocationsPerInstance": 1.0 / max(1, instances),
            "ModelLatency": latency * 1e6,
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500 or status == 0),
        }
        with self._lock:
            for metric, value in values.items():
                self._gathered.setdefault((endpoint, variant, metric), []).append(value)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(INTERVAL):
            self.flush()
        self.flush()

    def flush(self) -> None:
        with self._lock:
            gathered, self._gathered = self._gathered, {}
        if gathered:
            self._cloud.books("cloudwatch").put_metric_data(NAMESPACE, list(data(gathered)))


def data(gathered: dict[Series, list[float]]) -> Iterator[dict[str, Any]]:
    now = utcnow()
    for (endpoint, variant, metric), values in gathered.items():
        yield {
            "MetricName": metric,
            "Timestamp": now,
            "Unit": UNITS.get(metric, "None"),
            "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
            "StatisticValues": {"SampleCount": len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)},
        }

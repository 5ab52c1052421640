"""The CloudWatch metrics of invocations."""

from local_aws.cloud import Cloud
from local_aws.metrics.store import Series

NAMESPACE = "AWS/SageMaker"


class Meter:
    """Puts what an invocation is worth; 1/instances is sent as InvocationsPerInstance, as AWS does."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def record(self, endpoint: str, variant: str, *, status: int, latency: float, instances: int) -> None:
        """One invocation: HTTP status (0 for none), seconds in the model, instances behind the variant."""
        values = {
            "Invocations": 1.0,
            "InvocationsPerInstance": 1.0 / max(1, instances),
            "ModelLatency": latency * 1e6,
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500 or status == 0),
        }
        for metric, value in values.items():
            self._cloud.metrics.put(
                series_of(endpoint, variant, metric), [value], unit="Microseconds" if metric == "ModelLatency" else "None"
            )


def series_of(endpoint: str, variant: str, metric: str, namespace: str = NAMESPACE) -> Series:
    return Series.of(namespace, metric, {"EndpointName": endpoint, "VariantName": variant})

"""The CloudWatch metrics of invocations."""

from collections.abc import Mapping

from local_aws.cloud import Cloud
from local_aws.series import Series

NAMESPACE = "AWS/SageMaker"


class Meter:
    """Puts the metrics of an invocation: its count when it begins, so that slow answers count as load at once, then its result."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def asked(self, endpoint: str, variant: str, *, instances: int) -> None:
        """Put the metrics at the start; InvocationsPerInstance is 1/instances, as on AWS, with the `instances` of the variant."""
        self._put(endpoint, variant, {"Invocations": 1.0, "InvocationsPerInstance": 1.0 / max(1, instances)})

    def answered(self, endpoint: str, variant: str, *, status: int, latency: float) -> None:
        """Put the metrics at the end: HTTP status (0 for no answer), and the seconds in the model."""
        self._put(endpoint, variant, {"ModelLatency": latency * 1e6}, unit="Microseconds")
        errors = {"Invocation4XXErrors": 400 <= status < 500, "Invocation5XXErrors": status >= 500 or status == 0}
        self._put(endpoint, variant, {metric: float(counts) for metric, counts in errors.items()})

    def _put(self, endpoint: str, variant: str, values: Mapping[str, float], *, unit: str = "None") -> None:
        for metric, value in values.items():
            self._cloud.metrics.put(series_of(endpoint, variant, metric), [value], unit=unit)


def series_of(endpoint: str, variant: str, metric: str, namespace: str = NAMESPACE) -> Series:
    return Series.of(namespace, metric, {"EndpointName": endpoint, "VariantName": variant})

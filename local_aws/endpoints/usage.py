"""Endpoint metrics without a request: the CPU of the instances, and zero invocations for an idle variant."""

import time
from collections.abc import Callable, Mapping

from local_aws.cloud import Cloud
from local_aws.endpoints.endpoint import Endpoint
from local_aws.endpoints.instance import Instance
from local_aws.endpoints.meter import series_of
from local_aws.endpoints.variant import Variant
from local_aws.loops import Loop

NAMESPACE = "/aws/sagemaker/Endpoints"
PAUSE = 12.0  # seconds of AWS's time
MINUTE = 60.0


class Usage:
    """Puts CPUUtilization, 0 to 100 x cores, with one value for each instance."""

    def __init__(self, cloud: Cloud, endpoints: Callable[[], Mapping[str, Endpoint]]) -> None:
        self._cloud, self._endpoints = cloud, endpoints
        self._used: dict[Instance, tuple[float, float]] = {}  # (when, CPU seconds so far)
        self._loop = Loop("endpoint usage", self._sample, cloud.pace, PAUSE)
        cloud.loops.start(self._loop)

    def close(self) -> None:
        self._loop.close()

    def _sample(self) -> None:
        used: dict[Instance, tuple[float, float]] = {}
        self._loop.each(list(self._endpoints().items()), lambda named: used.update(self._sample_endpoint(*named)))
        self._used = used

    def _sample_endpoint(self, name: str, endpoint: Endpoint) -> dict[Instance, tuple[float, float]]:
        used: dict[Instance, tuple[float, float]] = {}
        for variant in endpoint.variants:
            self._put_zero(name, variant)
            for instance in variant.instances:
                used[instance] = self._put_cpu(name, variant, instance)
        return used

    def _put_cpu(self, endpoint: str, variant: Variant, instance: Instance) -> tuple[float, float]:
        now, seconds = time.monotonic(), instance.cpu_seconds()
        then, before = self._used.get(instance, (now, seconds))
        if now > then:
            percent = max(0.0, seconds - before) / (now - then) * 100
            self._cloud.metrics.put(series_of(endpoint, variant.name, "CPUUtilization", NAMESPACE), [percent], unit="Percent")
        return now, seconds

    def _put_zero(self, endpoint: str, variant: Variant) -> None:
        """Put zero invocations for an idle variant: with missing data it would never scale in."""
        now, minute = time.time(), self._cloud.pace.seconds(MINUTE)
        for metric in ("Invocations", "InvocationsPerInstance"):
            series = series_of(endpoint, variant.name, metric)
            if not self._cloud.metrics.between(series, now - now % minute, now):
                self._cloud.metrics.put(series, [0.0])

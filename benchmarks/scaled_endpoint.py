"""An endpoint with real autoscaling and real traffic; its model takes a known time for each request."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from botocore.config import Config

from pedigree.autoscaling.variant import deregister_autoscaling, register_autoscaling
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.levels import ask_once, measure_levels
from pedigree.planning.trace import Trace
from pedigree.settings import Autoscaling
from pedigree.values import Endpoint
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.small_models import FIRST, SCRIPT, SERVING, picture, registered

SERVICE_SECONDS, LEVEL_SECONDS = 0.08, 4.0
PATIENCE = 2.0  # seconds after which a caller gives up
CALLERS = 200
# the container handles one request after the other
SLEEPING = f"""
import time
def predict_fn(image, model):
    time.sleep({SERVICE_SECONDS})
    return [model]
"""
IMPATIENT = Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE, max_pool_connections=CALLERS)


@dataclass(frozen=True)
class Observed:
    """Seconds of each request, None without an answer in time; desired instance counts at `times`, in seconds from the start."""

    latencies: Sequence[float | None]
    times: Sequence[float]
    instances: Sequence[int]


@dataclass(frozen=True)
class ScaledEndpoint:
    live: LiveAccount
    endpoint: Endpoint
    runtime: Any

    @classmethod
    def deploy(cls, live: LiveAccount) -> "ScaledEndpoint":
        version = registered(live, script=SCRIPT.format(logits=list(FIRST)) + SLEEPING)
        runtime = live.aws.client("sagemaker-runtime", config=IMPATIENT)
        return cls(live, deploy_endpoint(live.account, version, SERVING), runtime)

    def measure(self) -> LatencyCurve:
        """Measure the latency curve of one instance, up to the latency at which callers time out."""
        images = [picture("red")]
        levels = [
            level
            for level in measure_levels(self.runtime, self.endpoint.name, images, instances=1, seconds=LEVEL_SECONDS)
            if not level.errors
        ]
        return LatencyCurve(
            endpoint=self.endpoint.name,
            model=self.endpoint.config,
            image=SERVING.image or "",
            instance_type=SERVING.instance_type,
            instances=1,
            measured_at=datetime.now(UTC),
            levels=tuple(levels),
        )

    def time_startup(self) -> float:
        """Measure the seconds that a change from one to two instances takes."""
        began = time.monotonic()
        self._set_instances(2)
        taken = time.monotonic() - began
        self._set_instances(1)
        return taken

    def drive(self, trace: Trace, autoscaling: Autoscaling, *, seed: int, quiet: float) -> Observed:
        """Send requests at random moments, at the rates of the trace, while autoscaling acts, after `quiet` seconds without requests."""
        time.sleep(quiet)
        register_autoscaling(self.live.account, self.endpoint, autoscaling)
        try:
            with self._watched() as seen:
                latencies = self._send(moments(trace, seed))
        finally:
            deregister_autoscaling(self.live.account, self.endpoint)
        self._set_instances(1)
        return Observed(latencies, [at for at, _ in seen], [count for _, count in seen])

    def _send(self, moments: Sequence[float]) -> list[float | None]:
        image, began = picture("red"), time.monotonic()
        with ThreadPoolExecutor(CALLERS) as callers:
            asked = []
            for moment in moments:
                time.sleep(max(0.0, began + moment - time.monotonic()))
                asked.append(callers.submit(ask_once, self.runtime, self.endpoint.name, image))
            return [each.result() for each in asked]

    @contextmanager
    def _watched(self) -> Iterator[list[tuple[float, int]]]:
        seen: list[tuple[float, int]] = []
        over, began = threading.Event(), time.monotonic()

        def look() -> None:
            while not over.wait(0.1):
                seen.append((time.monotonic() - began, self._variant()["DesiredInstanceCount"]))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield seen
        finally:
            over.set()
            watcher.join()

    def _set_instances(self, count: int) -> None:
        sagemaker = self.live.client("sagemaker")
        self._wait_in_service()
        wanted = [{"VariantName": self.endpoint.variant, "DesiredInstanceCount": count}]
        sagemaker.update_endpoint_weights_and_capacities(EndpointName=self.endpoint.name, DesiredWeightsAndCapacities=wanted)
        self._wait_in_service()

    def _wait_in_service(self) -> None:
        wait_until(lambda: self._describe()["EndpointStatus"] == "InService", "the endpoint is still updating")

    def _variant(self) -> dict[str, Any]:
        return dict(self._describe()["ProductionVariants"][0])

    def _describe(self) -> dict[str, Any]:
        return dict(self.live.client("sagemaker").describe_endpoint(EndpointName=self.endpoint.name))


def moments(trace: Trace, seed: int) -> list[float]:
    """The moments of a Poisson process with the rates of the trace, in seconds from the start."""
    draw = np.random.default_rng(seed)
    counts = draw.poisson(trace.rates * trace.bucket)
    starts = np.repeat(np.arange(len(counts)) * trace.bucket, counts)
    return sorted(float(moment) for moment in starts + draw.random(len(starts)) * trace.bucket)

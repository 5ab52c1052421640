"""The measurement of an endpoint at rising concurrency: each caller asks again as soon as it has its answer."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import numpy as np
from botocore.config import Config

from pedigree.aws.clients import SageMakerRuntimeClient
from pedigree.aws.errors import ANY_AWS_ERROR
from pedigree.planning.curve import Level

CALLERS = (1, 2, 4, 8, 16, 32, 64)  # callers for each instance
SLOW = 10_000.0  # ms at the 99th percentile: beyond this, more callers give no new information
# a retry inside the client would be measured as one slow request
ONCE = Config(retries={"total_max_attempts": 1}, max_pool_connections=256, read_timeout=70)


def measure_levels(
    runtime: SageMakerRuntimeClient, endpoint: str, images: Sequence[bytes], *, instances: int, seconds: float
) -> Iterator[Level]:
    """Measure one level after another, each for `seconds`, until the first error or a p99 above SLOW."""
    for callers in CALLERS:
        level = measure_level(runtime, endpoint, images, callers * instances, seconds)
        if level is None:
            return
        yield level
        if level.errors or level.p99_ms > SLOW:
            return


def measure_level(
    runtime: SageMakerRuntimeClient, endpoint: str, images: Sequence[bytes], concurrency: int, seconds: float
) -> Level | None:
    """Measure one level; None when no request was answered."""
    began = time.monotonic()
    end = began + seconds

    def ask(first: int) -> list[float | None]:
        taken = []
        turns = cycle([*images[first % len(images) :], *images[: first % len(images)]])
        while time.monotonic() < end:
            taken.append(ask_once(runtime, endpoint, next(turns)))
        return taken

    with ThreadPoolExecutor(concurrency) as callers:
        taken = [each for own in callers.map(ask, range(concurrency)) for each in own]
    elapsed, answered = time.monotonic() - began, [each for each in taken if each is not None]
    if not answered:
        return None
    p50, p99 = np.percentile(answered, [50, 99])
    return Level(
        concurrency=concurrency,
        throughput=len(answered) / elapsed,
        p50_ms=float(p50) * 1000,
        p99_ms=float(p99) * 1000,
        errors=len(taken) - len(answered),
    )


def ask_once(runtime: SageMakerRuntimeClient, endpoint: str, image: bytes) -> float | None:
    """The seconds until the answer; None for an error."""
    began = time.monotonic()
    try:
        runtime.invoke_endpoint(EndpointName=endpoint, ContentType="image/jpeg", Accept="application/json", Body=image)["Body"].read()
    except ANY_AWS_ERROR:
        return None
    return time.monotonic() - began

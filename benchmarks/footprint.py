"""Measure what the embedded AWS takes of a machine: to start, to idle, and to answer 20,000 requests: `make bench-footprint`.

CPU is that of the process, memory is its resident set. The floor of a start is the import of moto's core, without any of its services.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

import psutil

from benchmarks.mix import Mix
from benchmarks.results import record
from deployments.bootstrap import deploy_bootstrap
from tests.lab.running_aws import RunningAws, running_aws

STARTS, REQUESTS, IDLE_SECONDS = 5, 20_000, 30.0
FLOOR = "import time, moto.core; print(time.process_time())"


@dataclass(frozen=True)
class Start:
    """One start: CPU seconds until it is ready, those of moto's core alone, and MB a second later."""

    cpu: float
    floor: float
    memory: float


@dataclass(frozen=True)
class Footprint:
    """MB of one server at each step, its CPU while nobody calls it, and how long a request takes."""

    idle_percent: float
    stack: float
    warm: float
    loaded: float
    milliseconds: float

    @property
    def added(self) -> float:
        return self.loaded - self.warm


def main() -> int:
    starts = [measure_start() for _ in range(STARTS)]
    footprint = measure_footprint(REQUESTS)
    line = summary(starts, footprint)
    record("footprint", command="make bench-footprint", result=line, requests=REQUESTS, starts=rounded(starts), **rounded([footprint])[0])
    print(line)
    return 0


def measure_start() -> Start:
    ended = subprocess.run([sys.executable, "-c", FLOOR], check=True, capture_output=True, text=True)  # noqa: S603 - a constant
    with running_aws() as aws:
        cpu = cpu_seconds(aws)
        time.sleep(1)
        return Start(cpu, float(ended.stdout), megabytes(aws))


def measure_footprint(requests: int) -> Footprint:
    with running_aws() as aws:
        idle = idle_percent(aws)
        stack = after(aws, lambda: deploy_bootstrap(aws.client("cloudformation"), "footprint", poll_seconds=0.1))
        mix = Mix.prepare(aws)
        warm = after(aws, lambda: mix.send(len(mix.calls) * 20))
        began = time.monotonic()
        loaded = after(aws, lambda: mix.send(requests))
        return Footprint(idle, stack, warm, loaded, (time.monotonic() - began) / requests * 1000)


def idle_percent(aws: RunningAws) -> float:
    time.sleep(1)
    before = cpu_seconds(aws)
    time.sleep(IDLE_SECONDS)
    return (cpu_seconds(aws) - before) / IDLE_SECONDS * 100


def after(aws: RunningAws, work: Callable[[], object]) -> float:
    """Work, then the MB of the server."""
    work()
    return megabytes(aws)


def cpu_seconds(aws: RunningAws) -> float:
    times = psutil.Process(aws.process.pid).cpu_times()
    return float(times.user + times.system)


def megabytes(aws: RunningAws) -> float:
    return float(psutil.Process(aws.process.pid).memory_info().rss / 1e6)


def rounded(measured: list[Start] | list[Footprint]) -> list[dict[str, float]]:
    return [{name: round(value, 2) for name, value in asdict(each).items()} for each in measured]


def summary(starts: list[Start], footprint: Footprint) -> str:
    cpu, floor, memory = (median(getattr(start, name) for start in starts) for name in ("cpu", "floor", "memory"))
    return (
        f"start: {cpu:.2f} s of CPU ({floor:.2f} s of it moto's core), {memory:.0f} MB; idle: {footprint.idle_percent:.1f}% of a core; "
        f"with a stack: {footprint.stack:.0f} MB; {footprint.warm:.0f} MB with seven services in use, "
        f"{footprint.added:+.1f} MB after {REQUESTS:,} requests of {footprint.milliseconds:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())

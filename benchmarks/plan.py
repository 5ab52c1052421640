"""Compare the planner's prediction of autoscaling with real autoscaling, for a ramp and a spike of traffic: `make bench-plan`.

The embedded AWS runs the endpoint; alarms and cooldowns run faster than on AWS. The requests, the model server and its latency are real.
The inputs of the prediction, the latency curve and the start time of an instance, are measured on the endpoint first.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.account import fast_account
from benchmarks.results import record
from benchmarks.scaled_endpoint import PATIENCE, Observed, ScaledEndpoint
from pedigree.planning.policies import Rules
from pedigree.planning.simulation import Hosting, simulate
from pedigree.planning.trace import Floats, Trace, averages, shape_trace
from pedigree.settings import Autoscaling, Traffic

SPEED, RUNS, DRAWS = 30, 3, 50
MINUTE = 60 / SPEED  # real seconds
BUCKET = MINUTE / 6
SCALING = Autoscaling(min_instances=1, max_instances=3, target=15.0)  # invocations per instance and (short) minute
TRAFFICS = {
    "ramp": Traffic(shape="ramp", base_rps=2, peak_rps=26, hours=50 * MINUTE / 3600),
    "spike": Traffic(shape="spike", base_rps=3, peak_rps=20, hours=45 * MINUTE / 3600, peak_minutes=15 * MINUTE / 60),
}
ALLOWED = 0.2  # largest allowed error of the instance-seconds, as the median of all runs


@dataclass(frozen=True)
class Figures:
    """Instance-seconds, p99 in ms, share of requests without an answer in time, and instances per minute of AWS's time."""

    instance_seconds: float
    p99_ms: float
    dropped: float
    instances: Sequence[float]


@dataclass(frozen=True)
class Run:
    traffic: str
    predicted: Figures
    measured: Figures

    @property
    def error(self) -> float:
        """Relative error of the predicted instance-seconds."""
        return abs(self.predicted.instance_seconds / self.measured.instance_seconds - 1)

    @property
    def p99_error(self) -> float:
        return abs(self.predicted.p99_ms / self.measured.p99_ms - 1)

    @property
    def dropped_error(self) -> float:
        """Error of the share of dropped requests, in percentage points."""
        return abs(self.predicted.dropped - self.measured.dropped)


def main() -> int:
    with fast_account(SPEED) as live:
        endpoint = ScaledEndpoint.deploy(live)
        curve, startup = endpoint.measure(), endpoint.time_startup()
        hosting = Hosting(curve.service, startup)
        runs = [compare(endpoint, hosting, name, seed) for seed in range(RUNS) for name in TRAFFICS]
    error, line = median(run.error for run in runs), summary(runs)
    record(
        "plan",
        command="make bench-plan",
        result=line,
        speed_of_alarms_and_cooldowns=SPEED,
        autoscaling=SCALING.model_dump(include={"min_instances", "max_instances", "target"}),
        capacity_of_an_instance_rps=round(curve.capacity, 1),
        startup_seconds=round(startup, 2),
        callers_wait_seconds=PATIENCE,
        runs=[describe(run) for run in runs],
    )
    for run in runs:
        print(table_line(run))
    print(line)
    return 0 if error <= ALLOWED else 1


def compare(endpoint: ScaledEndpoint, hosting: Hosting, name: str, seed: int) -> Run:
    trace = shape_trace(TRAFFICS[name], bucket=BUCKET)
    predicted = predict(trace, hosting)
    measured = observed(trace, endpoint.drive(trace, SCALING, seed=seed, quiet=6 * MINUTE))
    return Run(name, predicted, measured)


def predict(trace: Trace, hosting: Hosting) -> Figures:
    """Predict a typical run: the medians of all simulated draws."""
    simulated = simulate(trace, hosting, Rules.of([SCALING], minute=MINUTE), draws=DRAWS, minute=MINUTE)
    draws = [simulated.draw(number) for number in range(DRAWS)]
    return Figures(
        float(median(each.instance_seconds[0] for each in draws)),
        min(float(median(each.p99()[0] for each in draws)), PATIENCE) * 1000,
        float(median(each.slower_than(PATIENCE)[0] for each in draws)),
        by_minute(simulated.paid[:, :, 0].mean(axis=1)),
    )


def observed(trace: Trace, seen: Observed) -> Figures:
    """Compute the figures of a real run: instances until the trace ends, requests also when they were answered later."""
    times = (np.arange(len(trace.rates)) + 0.5) * trace.bucket
    instances = np.array(seen.instances, dtype=float)[np.searchsorted(np.array(seen.times), times, side="right").clip(1) - 1]
    answered = [latency for latency in seen.latencies if latency is not None]
    return Figures(
        float(instances.sum() * trace.bucket),
        float(np.percentile([*answered, *[PATIENCE] * (len(seen.latencies) - len(answered))], 99)) * 1000,
        1 - len(answered) / len(seen.latencies),
        by_minute(instances),
    )


def by_minute(values: Floats) -> list[float]:
    return [round(float(value), 1) for value in averages(values, round(MINUTE / BUCKET))]


def summary(runs: Sequence[Run]) -> str:
    """Summarise the errors of each traffic: in a spike above the capacity, the p99 equals the callers' timeout."""
    parts = [f"median errors of {len(runs)} runs: instance-seconds {median(run.error for run in runs):.1%}"]
    for name in TRAFFICS:
        own = [run for run in runs if run.traffic == name]
        dropped = median(run.dropped_error for run in own) * 100
        off = f"instance-seconds {median(run.error for run in own):.1%}, p99 {median(run.p99_error for run in own):.1%}"
        parts.append(f"{name}: {off}, dropped {dropped:.1f} points")
    return "; ".join(parts)


def describe(run: Run) -> dict[str, object]:
    shown = {"predicted": run.predicted, "measured": run.measured}
    figures = {
        name: {
            "instance_seconds": round(each.instance_seconds, 1),
            "p99_ms": round(each.p99_ms),
            "dropped_percent": round(each.dropped * 100, 2),
            "instances_by_minute": list(each.instances),
        }
        for name, each in shown.items()
    }
    return {"traffic": run.traffic, "error_percent": round(run.error * 100, 1), **figures}


def table_line(run: Run) -> str:
    predicted, measured = run.predicted, run.measured
    return (
        f"{run.traffic:<6} instance-seconds {predicted.instance_seconds:6.1f} predicted, {measured.instance_seconds:6.1f} measured "
        f"({run.error:5.1%} off); p99 {predicted.p99_ms:5.0f} and {measured.p99_ms:5.0f} ms; "
        f"dropped {predicted.dropped:6.2%} and {measured.dropped:6.2%}"
    )


if __name__ == "__main__":
    sys.exit(main())

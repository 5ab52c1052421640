"""Candidate settings of autoscaling, their results under the traffic, and the settings that no other one beats."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from pedigree.aws.errors import InvalidInput
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.policies import Rules
from pedigree.planning.simulation import Hosting, Simulated, simulate
from pedigree.planning.trace import Trace
from pedigree.settings import Autoscaling, Goal

UTILISATIONS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # target values, as shares of an instance's capacity
SLOWDOWNS = (1.2, 1.5, 2.0, 3.0, 5.0)  # target values, as multiples of the latency without waiting
BUSY, SPARE = 0.8, 0.5  # utilisations allowed at the peak
MOST = 100  # the maximum of instances in the settings
QUICK = 60  # seconds of a cooldown shorter than AWS's default
DRAWS = 2


@dataclass(frozen=True)
class Option:
    """Settings and their results; in `p99_ms`, a dropped request counts with the timeout.

    `dropped` is a share; `usd` is the price of the endpoint per hour, None when it is not known.
    """

    settings: Autoscaling
    instance_hours: float
    usd: float | None
    p99_ms: float
    dropped: float

    def reaches(self, goal: Goal) -> bool:
        return self.p99_ms <= goal.p99_ms and self.dropped * 100 <= goal.dropped_percent

    def beats(self, other: "Option") -> bool:
        """Whether this option is at least as good in all marks and better in one."""
        mine, others = self.marks, other.marks
        return mine != others and all(own <= its for own, its in zip(mine, others, strict=True))

    @property
    def marks(self) -> tuple[float, float, float]:
        """Instance hours, p99 and drops, rounded to the precision of the simulation."""
        return round(self.instance_hours, 2), round(self.p99_ms), round(self.dropped, 5)


@dataclass(frozen=True)
class Frontier:
    """All `options` with the given settings first (`now`); `simulated` has the same order."""

    options: list[Option]
    simulated: Simulated
    goal: Goal

    @property
    def now(self) -> Option:
        return self.options[0]

    @property
    def best(self) -> list[Option]:
        """The options that no other beats, the cheapest first, without duplicates in cost, p99 and drops."""
        unbeaten = [one for one in self.options if not any(other.beats(one) for other in self.options)]
        return sorted({one.marks: one for one in reversed(unbeaten)}.values(), key=lambda one: one.marks)

    def cheapest(self, goal: Goal) -> Option | None:
        reaching = [option for option in self.options if option.reaches(goal)]
        return min(reaching, key=lambda option: option.marks, default=None)


def explore(trace: Trace, curve: LatencyCurve, hosting: Hosting, given: Autoscaling, goal: Goal) -> Frontier:
    """Simulate the given settings and candidates around them."""
    settings = [given, *candidates(trace, curve, given, goal)]
    simulated = simulate(trace, hosting, Rules.of(settings), draws=DRAWS)
    hours, p99, dropped = (
        simulated.instance_seconds / 3600,
        np.minimum(simulated.p99(), hosting.timeout) * 1000,
        simulated.slower_than(hosting.timeout),
    )
    per_hour = 3600 / trace.seconds * (hosting.usd_per_hour or 0)
    return Frontier(
        [
            Option(
                each,
                float(hours[at]),
                None if hosting.usd_per_hour is None else float(hours[at]) * per_hour,
                float(p99[at]),
                float(dropped[at]),
            )
            for at, each in enumerate(settings)
        ],
        simulated,
        goal,
    )


def candidates(trace: Trace, curve: LatencyCurve, given: Autoscaling, goal: Goal) -> Iterator[Autoscaling]:
    """Targets, limits and cooldowns near the needs of the traffic; InvalidInput when the settings cannot serve the peak."""
    least = needed(trace.peak, curve, 1.0)
    if least > goal.most_instances:
        raise too_much(trace, curve, least, goal)
    highest = sorted({min(goal.most_instances, needed(trace.peak, curve, busy)) for busy in (BUSY, SPARE)})
    rates = (float(trace.rates.min()), trace.requests / trace.seconds, trace.peak)
    lowest = sorted({given.min_instances, *(needed(rate, curve, BUSY) for rate in rates)})
    cooldowns = sorted({given.scale_out_cooldown, QUICK})
    for low, high, cooldown, target in product(lowest, highest, cooldowns, targets(curve, given)):
        if low <= high:
            limits = {"min_instances": low, "max_instances": high, "scale_out_cooldown": cooldown}
            yield Autoscaling(**{**given.model_dump(), **limits, **target})


def targets(curve: LatencyCurve, given: Autoscaling) -> Sequence[dict[str, float]]:
    if given.policy == "invocations":
        return [{"target": rounded(curve.capacity * 60 * share)} for share in UTILISATIONS]
    if given.policy == "latency":
        return [{"latency_target_ms": rounded(curve.levels[0].p50_ms * slowdown)} for slowdown in SLOWDOWNS]
    return [{}]


def needed(rate: float, curve: LatencyCurve, utilisation: float) -> int:
    return max(1, math.ceil(rate / (curve.capacity * utilisation) - 1e-9))


def rounded(value: float) -> float:
    """Round to two digits: nobody sets a target of 413.27."""
    return float(np.format_float_positional(value, precision=2, fractional=False))


def too_much(trace: Trace, curve: LatencyCurve, least: int, goal: Goal) -> InvalidInput:
    room = f"more than goal.most_instances {goal.most_instances}" if least <= MOST else f"and the settings allow {MOST}"
    cause = f"at {curve.capacity:.3g} requests per second each, the peak of {trace.peak:.4g} needs {least} instances, {room}"
    action = "raise goal.most_instances, or measure a larger instance type"
    return InvalidInput("plan", curve.instance_type, cause, action)

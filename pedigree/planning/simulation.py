"""The simulation of autoscaling under a traffic, for many settings at once, with one step for each bucket of time."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pedigree.autoscaling.policies import IN_PERIODS, OUT_PERIODS
from pedigree.planning.policies import Rules
from pedigree.planning.queueing import Service, Waits, advance
from pedigree.planning.trace import Floats, Trace

PERCENTILE = 0.99
SLOWEST = 1e6  # seconds, beyond every latency
SEED = 0  # the same traffic gives the same plan
TIMEOUT = 60.0  # seconds, https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html


@dataclass(frozen=True)
class Hosting:
    """The hosting: the service of one instance, the seconds until a new instance answers, and the CPU percent when it is always busy."""

    service: Service
    startup: float
    full_cpu: float = 100.0
    usd_per_hour: float | None = None  # of one instance, None when the price is not known
    timeout: float = TIMEOUT  # seconds after which a caller gives up


@dataclass(frozen=True)
class Simulated:
    """Arrays of (bucket, draw, setting): billed instances, instances that answer, and waiting times of requests."""

    trace: Trace
    paid: Floats
    serving: Floats
    waits: Waits

    @property
    def instance_seconds(self) -> Floats:
        """The billed instance seconds, by setting."""
        seconds: Floats = self.paid.sum(axis=0).mean(axis=0) * self.trace.bucket
        return seconds

    def draw(self, number: int) -> "Simulated":
        """The results of one draw."""
        one = slice(number, number + 1)
        waits = Waits(self.waits.service, self.waits.backlog[:, one], self.waits.mean[:, one], self.waits.utilisation[:, one])
        return Simulated(self.trace, self.paid[:, one], self.serving[:, one], waits)

    def slower_than(self, seconds: Floats | float) -> Floats:
        """The share of the requests that take longer, by setting; a request beyond its timeout is lost."""
        rates = self.trace.rates[:, None, None]
        share: Floats = (self.waits.slower_than(seconds) * rates).sum(axis=0).mean(axis=0) / self.trace.rates.sum()
        return share

    def p99(self) -> Floats:
        """The 99th percentile of the latency in seconds, by setting."""
        low, high = np.full(self.paid.shape[2], 1e-4), np.full(self.paid.shape[2], SLOWEST)
        while (high / low > 1.002).any():
            middle = np.sqrt(low * high)
            slow = self.slower_than(middle) > 1 - PERCENTILE
            low, high = np.where(slow, middle, low), np.where(slow, high, middle)
        return high


def simulate(trace: Trace, hosting: Hosting, rules: Rules, *, draws: int = 1, minute: float = 60.0) -> Simulated:
    """Simulate the traffic from the minimum number of instances; in each draw the alarms see another random count of requests.

    `minute` is the number of traffic seconds in one minute of AWS.
    """
    counts = np.random.default_rng(SEED).poisson(trace.rates * trace.bucket, (draws, len(trace.rates))).T[:, :, None]
    fleet = Fleet.of(hosting, rules, (draws, len(rules.lowest)))
    alarms, waiting = Alarms.of(rules, fleet.desired.shape), np.zeros_like(fleet.desired)
    paid, serving, queued, busy = (np.empty((len(trace.rates), *fleet.desired.shape)) for _ in range(4))
    each = round(minute / trace.bucket)
    for at, rate in enumerate(trace.rates):
        now = at * trace.bucket
        fleet.settle(now)
        if at and at % each == 0:
            last = slice(at - each, at)
            value = metric_of(rules, hosting, counts[last], (serving[last], queued[last], busy[last]))
            alarms.see(value)
            fleet.scale(now, value, alarms)
        waiting, busy[at] = advance(hosting.service, waiting, rate, fleet.serving, trace.bucket)
        paid[at], serving[at], queued[at] = fleet.desired, fleet.serving, waiting
    return Simulated(trace, paid, serving, Waits.of(hosting.service, queued, busy, serving))


def metric_of(rules: Rules, hosting: Hosting, counts: NDArray[np.int64], state: tuple[Floats, Floats, Floats]) -> Floats:
    """The metric of one minute by (draw, setting): invocations per instance, average latency in ms, or CPU in percent."""
    serving, queued, busy = state
    if rules.metric == "invocations":
        each: Floats = (counts / serving).sum(axis=0)
        return each
    if rules.metric == "latency":
        latency = Waits.of(hosting.service, queued, busy, serving).mean_latency * 1000
        asked = counts.sum(axis=0)
        total: Floats = (latency * counts).sum(axis=0)
        average: Floats = np.where(asked > 0, total / np.maximum(asked, 1), np.nan)
        return average
    cpu: Floats = busy.mean(axis=0) * hosting.full_cpu
    return cpu


@dataclass
class Alarms:
    """The minutes in a row that each alarm was breached; an alarm that is on acts every minute."""

    rules: Rules
    highs: Floats
    lows: Floats

    @classmethod
    def of(cls, rules: Rules, shape: tuple[int, ...]) -> "Alarms":
        return cls(rules, np.zeros(shape), np.zeros(shape))

    def see(self, value: Floats) -> None:
        self.highs = np.where(self.rules.policy.is_high(value), self.highs + 1, 0)
        self.lows = np.where(self.rules.policy.is_low(value), self.lows + 1, 0)


@dataclass
class Fleet:
    """The instances by (draw, setting); a change excludes other changes until it is complete, and then its cooldown begins."""

    rules: Rules
    startup: float
    desired: Floats
    serving: Floats = field(init=False)
    before: Floats = field(init=False)  # instances before the last scale-out
    done: Floats = field(init=False)  # the time when the last change is complete
    out_until: Floats = field(init=False)
    in_until: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.serving, self.before = self.desired.copy(), self.desired.copy()
        self.done, self.out_until, self.in_until = (np.full_like(self.desired, -np.inf) for _ in range(3))

    @classmethod
    def of(cls, hosting: Hosting, rules: Rules, shape: tuple[int, ...]) -> "Fleet":
        return cls(rules, hosting.startup, np.broadcast_to(rules.lowest, shape).copy())

    def settle(self, now: float) -> None:
        self.serving = np.where(now >= self.done, self.desired, self.serving)

    def scale(self, now: float, value: Floats, alarms: Alarms) -> None:
        free = now >= self.done
        self._scale_out(now, value, free & (alarms.highs >= OUT_PERIODS))
        self._scale_in(now, value, free & (alarms.lows >= IN_PERIODS))

    def _scale_out(self, now: float, value: Floats, alarm: NDArray[np.bool_]) -> None:
        """Scale out; in the cooldown the last change counts as part of this one, so that only a larger change adds more."""
        base = np.where(now < self.out_until, self.before, self.desired)
        wanted = np.clip(self.rules.policy.out(value, base), self.rules.lowest, self.rules.highest)
        acts = alarm & (wanted > self.desired)
        self.before = np.where(acts, self.desired, self.before)
        self.desired = np.where(acts, wanted, self.desired)
        self.done = np.where(acts, now + self.startup, self.done)
        self.out_until = np.where(acts, self.done + self.rules.out_cooldown, self.out_until)

    def _scale_in(self, now: float, value: Floats, alarm: NDArray[np.bool_]) -> None:
        wanted = np.clip(self.rules.policy.back(value, self.desired), self.rules.lowest, self.rules.highest)
        acts = alarm & (wanted < self.desired) & (now >= self.in_until)
        self.desired = np.where(acts, wanted, self.desired)
        self.serving = np.where(acts, wanted, self.serving)
        self.in_until = np.where(acts, now + self.rules.in_cooldown, self.in_until)

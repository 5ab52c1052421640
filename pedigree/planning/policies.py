"""The decisions of scaling policies, for many settings at once: arithmetic on arrays, as Application Auto Scaling documents it.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pedigree.planning.trace import Floats
from pedigree.settings import Autoscaling, CpuStep

Bools = NDArray[np.bool_]
Metric = Literal["invocations", "latency", "cpu steps"]
SCALE_IN_BELOW = 0.9  # share of the target


class Policy(Protocol):
    """A scaling policy; `value` is the metric of the last minute, `base` the number of instances to start from.

    Missing values are NaN.
    """

    def is_high(self, value: Floats) -> Bools: ...
    def is_low(self, value: Floats) -> Bools: ...
    def out(self, value: Floats, base: Floats) -> Floats: ...
    def back(self, value: Floats, base: Floats) -> Floats: ...


@dataclass(frozen=True)
class TargetTracking:
    target: Floats

    def is_high(self, value: Floats) -> Bools:
        return value > self.target

    def is_low(self, value: Floats) -> Bools:
        return value < SCALE_IN_BELOW * self.target

    def out(self, value: Floats, base: Floats) -> Floats:
        return np.maximum(self._proportional(value, base), base + 1)

    def back(self, value: Floats, base: Floats) -> Floats:
        return np.minimum(self._proportional(value, base), base)

    def _proportional(self, value: Floats, base: Floats) -> Floats:
        wanted: Floats = np.ceil(base * value / self.target - 1e-9)  # 1e-9: a rounding error must not add an instance
        return wanted


@dataclass(frozen=True)
class StepScaling:
    """Step scaling with the same steps for all settings: steps that add act at their CPU and above, steps that remove below."""

    steps: Sequence[CpuStep]

    @property
    def up(self) -> list[CpuStep]:
        return sorted((step for step in self.steps if step.change > 0), key=lambda step: step.cpu)

    @property
    def down(self) -> list[CpuStep]:
        return sorted((step for step in self.steps if step.change < 0), key=lambda step: -step.cpu)

    def is_high(self, value: Floats) -> Bools:
        return value >= self.up[0].cpu

    def is_low(self, value: Floats) -> Bools:
        return value <= self.down[0].cpu if self.down else np.zeros(value.shape, dtype=bool)

    def out(self, value: Floats, base: Floats) -> Floats:
        change = np.zeros_like(value)
        for step in self.up:
            change[value >= step.cpu] = step.change
        return base + change

    def back(self, value: Floats, base: Floats) -> Floats:
        change = np.zeros_like(value)
        for step in self.down:
            change[value <= step.cpu] = step.change
        return base + change


@dataclass(frozen=True)
class Rules:
    """Several autoscaling settings of one policy, each at one place of every array; cooldowns are in seconds."""

    metric: Metric
    policy: Policy
    lowest: Floats
    highest: Floats
    out_cooldown: Floats
    in_cooldown: Floats

    @classmethod
    def of(cls, settings: Sequence[Autoscaling], *, minute: float = 60.0) -> "Rules":
        """Collect the settings in arrays; `minute` is the number of traffic seconds in one minute of AWS."""
        first = settings[0]
        targets = {
            "invocations": [each.target for each in settings],
            "latency": [each.latency_target_ms for each in settings],
        }
        tracked = targets.get(first.policy)
        return cls(
            first.policy,
            TargetTracking(np.array(tracked)) if tracked else StepScaling(first.cpu_steps),
            np.array([float(each.min_instances) for each in settings]),
            np.array([float(each.max_instances) for each in settings]),
            np.array([each.scale_out_cooldown * minute / 60 for each in settings]),
            np.array([each.scale_in_cooldown * minute / 60 for each in settings]),
        )

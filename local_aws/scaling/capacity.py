"""How many instances a policy wants: arithmetic, no state.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def wish_of(policy: Any, value: float, threshold: float) -> tuple[Mapping[str, Any], Callable[[int], int]]:
    """(configuration of moto's policy, capacity that it wants from a given one), the metric being at `value`."""
    if policy.policy_type == "TargetTrackingScaling":
        tracking = policy.target_tracking_scaling_policy_configuration
        return tracking, lambda current: tracked(tracking, current, value)
    steps = policy.step_scaling_policy_configuration
    return steps, lambda current: stepped(steps, current, value - threshold)


def larger(wanted_from: Callable[[int], int], current: int, before: int) -> int:
    """In the cooldown of a scale-out from `before`: what that added counts as part of the next one, so that only a larger one adds more."""
    wanted = wanted_from(before)
    return max(wanted, current) if wanted > before else wanted_from(current)


def tracked(config: Mapping[str, Any], current: int, value: float) -> int:
    """In proportion to the metric; the alarm has said that it is over or under the target, by how much is asked here."""
    target = float(config["TargetValue"])
    wanted = math.ceil(current * value / target - 1e-9)  # so that a rounding error adds no instance
    return max(wanted, current + 1) if value > target else min(wanted, current)


def stepped(config: Mapping[str, Any], current: int, excess: float) -> int:
    """By the step into which `excess`, the metric less the alarm's threshold, falls; `current` where it falls into none."""
    step = find_step(config["StepAdjustments"], excess)
    if step is None:
        return current
    change = step["ScalingAdjustment"]
    if config["AdjustmentType"] == "ExactCapacity":
        return int(change)
    if config["AdjustmentType"] == "ChangeInCapacity":
        return int(current + change)
    percent = current * change / 100
    size = max(math.floor(abs(percent)) or 1, config.get("MinAdjustmentMagnitude", 1))
    return int(current + math.copysign(size, percent))


def find_step(steps: Sequence[Mapping[str, Any]], excess: float) -> Mapping[str, Any] | None:
    """Of steps above the threshold the lower bound is inclusive, of steps below it the upper one."""
    for step in steps:
        lower, upper = step.get("MetricIntervalLowerBound", -math.inf), step.get("MetricIntervalUpperBound", math.inf)
        if lower < excess <= upper if upper <= 0 else lower <= excess < upper:
            return step
    return None


def cooldown_of(config: Mapping[str, Any], default: float, *, out: bool) -> float:
    """Seconds of AWS's time."""
    member = "ScaleOutCooldown" if out else "ScaleInCooldown"
    return float(config.get(member, config.get("Cooldown", default)))

"""The capacity that a scaling policy wants, as pure functions.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def wanted_by(policy: Any, value: float, threshold: float) -> tuple[Mapping[str, Any], Callable[[int], int]]:
    """The configuration of moto's policy, and the function from the current to the wanted capacity for a metric at `value`."""
    if policy.policy_type == "TargetTrackingScaling":
        tracking = policy.target_tracking_scaling_policy_configuration
        return tracking, lambda current: tracked(tracking, current, value)
    steps = policy.step_scaling_policy_configuration
    return steps, lambda current: stepped(steps, current, value - threshold)


def larger(wanted_from: Callable[[int], int], current: int, before: int) -> int:
    """The wanted capacity during the cooldown of a scale-out from `before`: the scale-out before counts as a part of the new one.

    So only a larger scale-out adds capacity.
    """
    wanted = wanted_from(before)
    return max(wanted, current) if wanted > before else wanted_from(current)


def tracked(config: Mapping[str, Any], current: int, value: float) -> int:
    """The capacity of target tracking: in proportion to the metric over its target."""
    target = float(config["TargetValue"])
    wanted = math.ceil(current * value / target - 1e-9)  # - 1e-9: a rounding error must not add an instance
    return max(wanted, current + 1) if value > target else min(wanted, current)


def stepped(config: Mapping[str, Any], current: int, excess: float) -> int:
    """The capacity of step scaling for `excess`, the metric minus the alarm's threshold; `current` when no step matches."""
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
    """Find the step for an excess; above the threshold lower bounds are inclusive, below it upper bounds."""
    for step in steps:
        lower, upper = step.get("MetricIntervalLowerBound", -math.inf), step.get("MetricIntervalUpperBound", math.inf)
        if lower < excess <= upper if upper <= 0 else lower <= excess < upper:
            return step
    return None


def cooldown_of(config: Mapping[str, Any], default: float, *, out: bool) -> float:
    """The cooldown of a policy in seconds of AWS's time."""
    member = "ScaleOutCooldown" if out else "ScaleInCooldown"
    return float(config.get(member, config.get("Cooldown", default)))

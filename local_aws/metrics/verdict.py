"""The state of an alarm from its datapoints: M out of N, and the treatment of missing data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": gt,
    "GreaterThanOrEqualToThreshold": ge,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}
EXTRA_PERIODS = 2  # periods before the evaluation periods, whose datapoints replace missing ones


@dataclass(frozen=True)
class Rule:
    """The evaluation rule of an alarm: `periods` is N, `to_alarm` is M, `missing` is TreatMissingData."""

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: str = "missing"

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.threshold)


def judge(rule: Rule, values: Sequence[float | None]) -> State | None:
    """The new state, None to keep the state.

    `values` are those of N + EXTRA_PERIODS periods, the newest first, None for missing data.
    """
    present = [(age, value) for age, value in enumerate(values) if value is not None][: rule.periods]
    lacking = rule.periods - len(present)
    breaching = [age for age, value in present if rule.breaches(value)]
    if not present:
        return judge_nothing(rule)
    if len(breaching) + (lacking if rule.missing == "breaching" else 0) >= rule.to_alarm:
        return "ALARM"
    undecided = bool(breaching) and len(breaching) + lacking >= rule.to_alarm
    if undecided and rule.missing == "ignore":
        return None
    # not at once: missing data may only be late
    ripe = undecided and breaching[-1] + 1 >= rule.to_alarm and len(breaching) == len(present)
    return "ALARM" if ripe and rule.missing == "missing" else "OK"


def judge_nothing(rule: Rule) -> State | None:
    states: dict[str, State | None] = {"breaching": "ALARM", "notBreaching": "OK", "ignore": None}
    return states.get(rule.missing, "INSUFFICIENT_DATA")

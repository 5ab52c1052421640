"""CloudWatch alarms: kept in moto's records, evaluated once in each period over the periods that have ended, with actions."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from local_aws.cloud import Cloud
from local_aws.loops import Loop
from local_aws.metrics.verdict import EXTRA_PERIODS, Rule, State, judge
from local_aws.metrics.watched import is_judged, period_of, value_between

REMEMBERED = 10_000  # largest number of history entries
SHORTEST = 10.0  # seconds, the shortest period of an alarm
NEW = SimpleNamespace(state_value="INSUFFICIENT_DATA", state_reason="Unchecked: Initial alarm creation", state_reason_data="{}")
PARAMETERS = {
    "AlarmName": "name",
    "Namespace": "namespace",
    "MetricName": "metric_name",
    "ComparisonOperator": "comparison_operator",
    "EvaluationPeriods": "evaluation_periods",
    "DatapointsToAlarm": "datapoints_to_alarm",
    "Period": "period",
    "Threshold": "threshold",
    "Statistic": "statistic",
    "ExtendedStatistic": "extended_statistic",
    "AlarmDescription": "description",
    "Dimensions": "dimensions",
    "AlarmActions": "alarm_actions",
    "OKActions": "ok_actions",
    "InsufficientDataActions": "insufficient_data_actions",
    "Unit": "unit",
    "Metrics": "metric_data_queries",
    "ActionsEnabled": "actions_enabled",
    "TreatMissingData": "treat_missing_data",
    "EvaluateLowSampleCountPercentile": "evaluate_low_sample_count_percentile",
    "Tags": "tags",
}
NOT_GIVEN: dict[str, Any] = {"Dimensions": [], "AlarmActions": [], "Tags": [], "ActionsEnabled": True}

Action = Callable[[str, str, float], None]  # (ARN of the action, name of the alarm, newest value)
Notify = Callable[[str, Any, str], None]  # (ARN of the action, the alarm, its state before)


@dataclass(frozen=True)
class HistoryItem:
    """One entry of the alarm history: `kind` is ConfigurationUpdate, StateUpdate or Action; `data` is a JSON document."""

    alarm: str
    kind: str
    summary: str
    data: str
    time: datetime

    def describe(self) -> dict[str, Any]:
        return {
            "AlarmName": self.alarm,
            "AlarmType": "MetricAlarm",
            "Timestamp": self.time,
            "HistoryItemType": self.kind,
            "HistorySummary": self.summary,
            "HistoryData": self.data,
        }


class Alarms:
    """All alarms; actions run when an alarm goes to ALARM and, as on AWS for scaling, in every period that it stays there."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._actions: dict[str, Action] = {}
        self._notifications: dict[str, Notify] = {}
        self._judged: dict[str, tuple[Any, int]] = {}  # alarm -> (its configuration, the last evaluated period)
        self.history: deque[HistoryItem] = cloud.memory.shelf("metrics", "alarm history", lambda: deque(maxlen=REMEMBERED))
        self.loop = Loop("alarms", lambda: self.tick(time.time()), cloud.pace, SHORTEST)

    def on_action(self, prefix: str, action: Action) -> None:
        """Call `action` for actions whose ARN begins with `prefix`."""
        self._actions[prefix] = action

    def on_change(self, prefix: str, notify: Notify) -> None:
        """Call `notify` at each change of a state, for the actions of the new state whose ARN begins with `prefix`."""
        self._notifications[prefix] = notify

    def put(self, asked: Mapping[str, Any]) -> Any:
        """Create or update an alarm from the parameters of PutMetricAlarm; an updated alarm keeps its state."""
        name, books = asked["AlarmName"], self._cloud.books("cloudwatch")
        before = books.alarms.get(name)
        alarm = books.put_metric_alarm(**{field: asked.get(parameter, NOT_GIVEN.get(parameter)) for parameter, field in PARAMETERS.items()})
        same = before or NEW
        alarm.state_value, alarm.state_reason, alarm.state_reason_data = same.state_value, same.state_reason, same.state_reason_data
        alarm.history = before.history if before else []
        alarm.warm_up_configuration, alarm.made = asked.get("WarmUpConfiguration"), before.made if before else time.time()
        self.record(name, "ConfigurationUpdate", f'Alarm "{name}" {"updated" if before else "created"}')
        return alarm

    def delete(self, names: Sequence[str]) -> None:
        """Delete the alarms; their history stays."""
        for name in set(names) & self._books.keys():
            self.record(name, "ConfigurationUpdate", f'Alarm "{name}" deleted')
            self._judged.pop(name, None)
        self._cloud.books("cloudwatch").delete_alarms(names)

    def state(self, name: str) -> State | None:
        """The state of an alarm; None when there is no such alarm."""
        alarm = self._books.get(name)
        return alarm and alarm.state_value

    def set_state(self, alarm: Any, state: State, reason: str, data: str = "{}") -> None:
        """Set the state as SetAlarmState does; the history records only changes of the state."""
        if state != alarm.state_value:
            before = alarm.state_value
            self.record(alarm.name, "StateUpdate", f"Alarm updated from {before} to {state}", data, reason=reason)
            alarm.update_state(reason, data, state)
            self._cloud.memory.keep("cloudwatch")
            if alarm.actions_enabled:
                self.loop.each(actions_of(alarm), lambda arn: self._notify(arn, alarm, before))

    def record(self, alarm: str, kind: str, summary: str, data: str = "{}", *, reason: str = "") -> None:
        document = json.dumps({"reason": reason, **json.loads(data)}) if reason else data
        self.history.append(HistoryItem(alarm, kind, summary, document, datetime.now(UTC)))

    def evaluate(self, alarm: Any, now: float) -> None:
        """Evaluate one alarm over the periods that ended before `now`, and run its actions."""
        length = self._cloud.pace.seconds(period_of(alarm))
        end = now - now % length
        ages = range(alarm.evaluation_periods + EXTRA_PERIODS)
        values = [value_between(self._cloud.metrics, alarm, end - (age + 1) * length, end - age * length) for age in ages]
        rule = rule_of(alarm)
        state = None if self._warms_up(alarm, now) and None in values[: rule.periods] else judge(rule, values)
        if state is not None:
            self.set_state(alarm, state, *reason_of(alarm, rule, state, values, end - length))
        newest = next((value for value in values if value is not None), None)
        if alarm.state_value == "ALARM" and alarm.actions_enabled and newest is not None:
            self._act(alarm, newest)

    def _warms_up(self, alarm: Any, now: float) -> bool:
        """Until then an alarm waits for enough data: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html"""
        minutes = (alarm.warm_up_configuration or {}).get("WarmUpPeriodDurationInMinutes", 0)
        return bool(now < alarm.made + self._cloud.pace.seconds(60 * minutes))

    @property
    def _books(self) -> dict[str, Any]:
        books = self._cloud.books_in_use("cloudwatch")
        return books.alarms if books else {}

    def tick(self, now: float) -> None:
        """Evaluate every alarm for which a period has ended since the last tick."""
        self.loop.each(list(self._books.values()), lambda alarm: self._evaluate_once(alarm, now))

    def _evaluate_once(self, alarm: Any, now: float) -> None:
        if is_judged(alarm):
            period = int(now / self._cloud.pace.seconds(period_of(alarm)))
            if self._judged.get(alarm.name) != (alarm, period):
                self._judged[alarm.name] = (alarm, period)
                self.evaluate(alarm, now)

    def _act(self, alarm: Any, value: float) -> None:
        self.loop.each(alarm.alarm_actions, lambda arn: self._act_on(arn, alarm, value))

    def _notify(self, arn: str, alarm: Any, before: str) -> None:
        for prefix, notify in self._notifications.items():
            if arn.startswith(prefix):
                notify(arn, alarm, before)
                self.record(alarm.name, "Action", f"Successfully executed action {arn}")

    def _act_on(self, arn: str, alarm: Any, value: float) -> None:
        for prefix, action in self._actions.items():
            if arn.startswith(prefix):
                action(arn, alarm.name, value)


def actions_of(alarm: Any) -> list[str]:
    """The ARNs of the actions of the alarm's state."""
    by_state = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions, "INSUFFICIENT_DATA": alarm.insufficient_data_actions}
    return by_state[alarm.state_value] or []


def rule_of(alarm: Any) -> Rule:
    return Rule(
        alarm.comparison_operator,
        alarm.threshold,
        alarm.evaluation_periods,
        alarm.datapoints_to_alarm or alarm.evaluation_periods,
        alarm.treat_missing_data or "missing",
    )


def reason_of(alarm: Any, rule: Rule, state: State, values: Sequence[float | None], newest_start: float) -> tuple[str, str]:
    """CloudWatch's reason for a state, as text and as JSON data."""
    recent = [value for value in values[: rule.periods] if value is not None]
    shown = ", ".join(f"{value:g}" for value in recent)
    data = {
        "version": "1.0",
        "queryDate": datetime.now(UTC).isoformat(),
        "startDate": datetime.fromtimestamp(newest_start, UTC).isoformat(),
        "statistic": alarm.extended_statistic or alarm.statistic,
        "period": period_of(alarm),
        "recentDatapoints": recent,
        "threshold": rule.threshold,
    }
    if state == "INSUFFICIENT_DATA":
        text = f"Insufficient Data: {rule.periods} datapoints were unknown."
    else:
        breaching = sum(map(rule.breaches, recent))
        comparison = " ".join(word.lower() for word in split_words(rule.comparison.removesuffix("Threshold")))
        crossed = f"{breaching} out of the last {rule.periods} datapoints [{shown}]"
        text = f"Threshold Crossed: {crossed} were {comparison} the threshold ({rule.threshold:g})."
    return text, json.dumps(data)


def split_words(camel: str) -> list[str]:
    return "".join(f" {letter}" if letter.isupper() else letter for letter in camel).split()

"""How many instances a policy wants, and when a schedule is due."""

from datetime import UTC, datetime

import pytest

from local_aws.call import AwsError
from local_aws.pace import Pace
from local_aws.scaling.capacity import larger, stepped, tracked
from local_aws.scaling.schedules import next_time

STEPS = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
    {"MetricIntervalUpperBound": 0, "MetricIntervalLowerBound": -10, "ScalingAdjustment": -1},
    {"MetricIntervalUpperBound": -10, "ScalingAdjustment": -50},
]


@pytest.mark.parametrize(
    ("current", "value", "wanted"), [(1, 9.0, 3), (2, 3.1, 3), (3, 3.0, 3), (3, 2.1, 3), (3, 2.0, 2), (3, 0.0, 0), (2, 2.5, 2)]
)
def test_target_tracking_is_proportional(current: int, value: float, wanted: int) -> None:
    assert tracked({"TargetValue": 3.0}, current, value) == wanted


@pytest.mark.parametrize(("value", "wanted"), [(5.0, 3), (7.5, 3), (9.1, 4), (3.0, 3), (1.9, 2)])
def test_in_the_cooldown_of_a_scale_out_only_a_larger_one_adds_more(value: float, wanted: int) -> None:
    assert larger(lambda base: tracked({"TargetValue": 3.0}, base, value), 3, before=1) == wanted


@pytest.mark.parametrize(("excess", "wanted"), [(0, 5), (19.9, 5), (20, 6), (-0.1, 3), (-10, -46)])
def test_the_step_is_the_one_into_which_the_metric_falls(excess: float, wanted: int) -> None:
    assert stepped({"AdjustmentType": "ChangeInCapacity", "StepAdjustments": STEPS}, 4, excess) == wanted


def test_a_percentage_changes_at_least_one_instance() -> None:
    config = {"AdjustmentType": "PercentChangeInCapacity", "StepAdjustments": STEPS}
    assert [stepped(config, count, -20) for count in (1, 3, 4)] == [0, 2, 2]
    assert stepped(config | {"AdjustmentType": "ExactCapacity"}, 9, 25) == 2


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("at(2026-11-21T18:00:00)", "2026-11-21T17:00:00"),
        ("at(2026-11-21T12:00:00)", None),
        ("rate(10 minutes)", "2026-11-21T12:01:00"),
        ("cron(30 13 * * ? *)", "2026-11-21T12:30:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-23T07:00:00"),
        ("cron(0/15 9,18 ? DEC SUN *)", "2026-12-06T08:00:00"),
        ("cron(0 8 1 1 ? 2026)", None),
    ],
)
def test_a_schedule_is_due_at_its_times_where_it_is(schedule: str, due: str | None) -> None:
    now, pace = datetime(2026, 11, 21, 12, 0, tzinfo=UTC), Pace()  # a Saturday; Berlin is an hour ahead
    pace.add({"speed": 10})
    found = next_time(schedule, "Europe/Berlin", now, pace)
    assert (found and found.astimezone(UTC).replace(tzinfo=None).isoformat()) == due


def test_a_schedule_that_cannot_be_read_is_refused() -> None:
    for schedule in ("every day", "cron(0 8 L * ? *)", "rate(2 fortnights)", "cron(99 8 * * ? *)", "at(2026-02-30T08:00:00)"):
        with pytest.raises(AwsError, match="ValidationException"):
            next_time(schedule, "UTC", datetime.now(UTC), Pace())


@pytest.mark.parametrize("days", ["* * *", "? * ?", "1 * MON"])
def test_one_day_left_open(days: str) -> None:
    with pytest.raises(AwsError, match=r"ValidationException.*day of month"):
        next_time(f"cron(0 8 {days} *)", "UTC", datetime.now(UTC), Pace())


def test_time_zone() -> None:
    assert next_time("rate(1 day)", "Pacific/Tahiti", datetime.now(UTC), Pace())
    with pytest.raises(AwsError, match=r"ValidationException.*Mars/X"):
        next_time("rate(1 day)", "Mars/X", datetime.now(UTC), Pace())

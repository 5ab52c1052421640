"""CloudWatch as a client sees it: datapoints come back as statistics, and alarms follow them."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws

DIMENSIONS = [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}]


@pytest.fixture
def namespace() -> str:
    return f"Test/{uuid.uuid4().hex[:8]}"


@pytest.fixture
def fast(aws: RunningAws) -> Iterator[RunningAws]:
    """A minute of AWS passes in half a second."""
    aws.control("POST", "pace", {"speed": 120})
    yield aws
    aws.control("DELETE", "pace")


def put(aws: RunningAws, namespace: str, *values: float, at: datetime | None = None) -> None:
    datum: dict[str, Any] = {"MetricName": "m", "Dimensions": DIMENSIONS, "Values": list(values), "Unit": "Microseconds"}
    aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum | ({"Timestamp": at} if at else {})])


def put_alarm(aws: RunningAws, namespace: str, **changes: Any) -> str:
    settings = {
        "AlarmName": f"alarm-{uuid.uuid4().hex[:8]}",
        "Namespace": namespace,
        "MetricName": "m",
        "Dimensions": DIMENSIONS,
        "ExtendedStatistic": "p99",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 100.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **changes,
    }
    aws.client("cloudwatch").put_metric_alarm(**settings)
    return str(settings["AlarmName"])


def alarm_of(aws: RunningAws, name: str) -> dict[str, Any]:
    alarm: dict[str, Any] = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return alarm


def test_datapoints_come_back_by_period_and_statistic(aws: RunningAws, namespace: str) -> None:
    minute = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    put(aws, namespace, 1, 2, 3, at=minute)
    put(aws, namespace, 10, at=minute + timedelta(seconds=70))
    cloudwatch, window = aws.client("cloudwatch"), {"StartTime": minute, "EndTime": minute + timedelta(minutes=5)}
    metric = {"Namespace": namespace, "MetricName": "m", "Dimensions": DIMENSIONS[::-1]}
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p99"}}
    (result,) = cloudwatch.get_metric_data(MetricDataQueries=[query], **window)["MetricDataResults"]
    assert (result["Values"], result["Timestamps"]) == ([10, 3], [minute + timedelta(minutes=1), minute])
    points = cloudwatch.get_metric_statistics(**metric, Period=60, Statistics=["Sum", "Average"], **window)["Datapoints"]
    assert [(point["Sum"], point["Average"]) for point in points] == [(6, 2), (10, 10)]
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == [metric | {"Dimensions": DIMENSIONS}]


def test_an_alarm_follows_its_metric_and_its_history_says_why(fast: RunningAws, namespace: str) -> None:
    name = put_alarm(fast, namespace, TreatMissingData="ignore")  # a slow client leaves periods empty
    assert alarm_of(fast, name)["StateValue"] == "INSUFFICIENT_DATA"

    def state(value: float) -> str:
        put(fast, namespace, value)
        time.sleep(0.1)
        return str(alarm_of(fast, name)["StateValue"])

    wait_until(lambda: state(500) == "ALARM", "never in ALARM")
    assert "were greater than the threshold (100)" in alarm_of(fast, name)["StateReason"]
    wait_until(lambda: state(50) == "OK", "never OK again")
    history = fast.client("cloudwatch").describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
    ]


def test_a_changed_alarm_keeps_its_state(aws: RunningAws, namespace: str) -> None:
    name = put_alarm(aws, namespace, TreatMissingData="ignore")
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="because")
    put_alarm(aws, namespace, TreatMissingData="ignore", AlarmName=name, EvaluationPeriods=5)
    assert (alarm_of(aws, name)["StateValue"], alarm_of(aws, name)["EvaluationPeriods"]) == ("ALARM", 5)


def test_what_it_cannot_evaluate_is_refused(aws: RunningAws, namespace: str) -> None:
    with pytest.raises(ClientError, match="p200"):
        put_alarm(aws, namespace, ExtendedStatistic="p200")
    with pytest.raises(HTTPError, match="400"):
        aws.control("POST", "pace", {"speed": 0.5})

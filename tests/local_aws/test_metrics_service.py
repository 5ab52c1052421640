"""CloudWatch as a client sees it: datapoints come back as statistics, and alarms follow them."""

import gzip
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from local_aws.call import AwsError
from local_aws.compression import expand
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


@pytest.mark.parametrize(
    ("datum", "code", "words"),
    [
        ({"Value": float("nan")}, "InvalidParameterValue", "The value NaN for parameter MetricData.member.1.Value is invalid"),
        ({"Values": [1.0, float("inf")]}, "InvalidParameterValue", "parameter MetricData.member.1.Values.member.2 is invalid"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterValue", "Value and .*Values are mutually exclusive"),
        (
            {"Value": 1.0, "StatisticValues": dict.fromkeys(("SampleCount", "Sum", "Minimum", "Maximum"), 1.0)},
            "InvalidParameterCombination",
            "Value and .*StatisticValues are mutually exclusive",
        ),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "InvalidParameterValue", "Values and .*Counts must be of the same size"),
    ],
)
def test_a_datum_that_aws_refuses_is_refused(aws: RunningAws, namespace: str, datum: dict[str, Any], code: str, words: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    with pytest.raises(ClientError, match=f"{code}.*{words}"):
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", **datum}])
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == []


def test_a_window_within_a_second_is_refused_in_the_words_of_each_call(aws: RunningAws, namespace: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    window: dict[str, Any] = {"StartTime": now.replace(microsecond=1000), "EndTime": now.replace(microsecond=900_000)}
    query: dict[str, Any] = {"Metric": {"Namespace": namespace, "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    cloudwatch = aws.client("cloudwatch")
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*StartTime must be less than the parameter EndTime"):
        cloudwatch.get_metric_statistics(Namespace=namespace, MetricName="m", Period=60, Statistics=["Sum"], **window)
    with pytest.raises(ClientError, match=r"ValidationError.*StartTime must not equal parameter EndTime"):
        cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "a", "MetricStat": query}], **window)


def test_metrics_are_listed_on_pages_and_by_every_dimension(aws: RunningAws, namespace: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    twice = [{"Name": "N", "Value": "a"}, {"Name": "N", "Value": "b"}]
    cloudwatch.put_metric_data(
        Namespace=namespace, MetricData=[{"MetricName": f"m{n}", "Dimensions": twice, "Value": 1.0} for n in range(501)]
    )
    first = cloudwatch.list_metrics(Namespace=namespace, Dimensions=twice[:1])  # of 501 data that the SDK sends as gzip
    assert (len(first["Metrics"]), first["Metrics"][0]["Dimensions"]) == (500, twice)
    (last,) = cloudwatch.list_metrics(Namespace=namespace, NextToken=first["NextToken"])["Metrics"]
    assert last["MetricName"] == "m500"


def test_an_unknown_percentile_is_named_by_its_parameter(aws: RunningAws, namespace: str) -> None:
    with pytest.raises(ClientError, match="The value 90 for parameter ExtendedStatistic is not supported"):
        put_alarm(aws, namespace, ExtendedStatistic="90")


@pytest.mark.parametrize(("body", "words"), [(b"junk", "no gzip"), (gzip.compress(b"x" * 100)[:-9], "cut off")])
def test_a_body_that_is_no_whole_gzip_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(AwsError, match=words):
        expand("cloudwatch", body, {"HTTP_CONTENT_ENCODING": "gzip"})


def stat(identity: str, namespace: str, name: str, statistic: str = "Sum", **changes: Any) -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": DIMENSIONS}
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}, "ReturnData": False, **changes}


def math_alarm(namespace: str, expression: str, *queries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "AlarmName": f"alarm-{uuid.uuid4().hex[:8]}",
        "Metrics": [{"Id": "watched", "Expression": expression, "ReturnData": True}, *(queries or [stat("load", namespace, "m")])],
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "ignore",
        **changes,
    }


def test_an_alarm_over_metric_math_follows_its_expression(fast: RunningAws, namespace: str) -> None:
    queries = [stat("load", namespace, "m"), stat("most", namespace, "m", "Maximum")]
    asked = math_alarm(namespace, "IF(load > 100 AND load / most >= 2, 1, 0)", *queries)
    fast.client("cloudwatch").put_metric_alarm(**asked)
    described = alarm_of(fast, asked["AlarmName"])
    assert (described["Metrics"], described["StateValue"]) == (asked["Metrics"], "INSUFFICIENT_DATA")

    def state(*values: float) -> str:
        put(fast, namespace, *values)
        time.sleep(0.1)
        return str(alarm_of(fast, asked["AlarmName"])["StateValue"])

    wait_until(lambda: state(90, 90, 90) == "ALARM", "never in ALARM")
    wait_until(lambda: state(20) == "OK", "never OK again, though the load is small")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Period": 60}, "Metrics and Period must not be used together"),
        ({"Metrics": [stat("a", "N", "m"), stat("b", "N", "m")]}, "must hold one Expression"),
        ({"Metrics": [stat("a", "N", "m", ReturnData=True)]}, "must hold one Expression"),
    ],
)
def test_a_wrong_list_of_metrics_is_refused(aws: RunningAws, namespace: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ClientError, match=f"ValidationError.*{words}"):
        aws.client("cloudwatch").put_metric_alarm(**math_alarm(namespace, "load", **changes))


def test_the_metrics_of_an_expression_have_one_period(aws: RunningAws, namespace: str) -> None:
    slow = stat("slow", namespace, "m")
    slow["MetricStat"]["Period"] = 300
    with pytest.raises(ClientError, match=r"the same Period"):
        aws.client("cloudwatch").put_metric_alarm(**math_alarm(namespace, "load + slow", stat("load", namespace, "m"), slow))


def test_an_alarm_that_warms_up_waits_for_its_first_data(fast: RunningAws, namespace: str) -> None:
    changes = {"ExtendedStatistic": "p50", "TreatMissingData": "breaching"}
    cold = put_alarm(fast, namespace, **changes)
    warm = put_alarm(fast, namespace, **changes, WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 4})
    wait_until(lambda: alarm_of(fast, cold)["StateValue"] == "ALARM", "never in ALARM")
    assert alarm_of(fast, warm)["StateValue"] == "INSUFFICIENT_DATA"
    assert alarm_of(fast, warm)["WarmUpConfiguration"] == {"WarmUpPeriodDurationInMinutes": 4}
    wait_until(lambda: alarm_of(fast, warm)["StateValue"] == "ALARM", "never in ALARM after its time")

"""The request for one alarm, as pure functions: PutMetricAlarm without actions and tags."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pedigree.aws.naming import within

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef, PutMetricAlarmInputTypeDef

MINUTE, FIVE_MINUTES, HOUR = 60, 300, 3600  # periods in seconds
WARM_UP_PERIODS = 2  # the one in which the first data comes, and one in which it may be late
MEANINGS = {  # docs/operations.md has a row of each
    "watch-5xx": "The endpoint answers with 5xx.",
    "watch-latency": "The slowest answers of the model take too long.",
    "watch-saturated": "The load is above the target of autoscaling, and the endpoint has as many instances as it may have.",
    "watch-unserved": "No instance of the endpoint is in service.",
    "watch-function-errors": "The function fails.",
    "watch-function-throttles": "The function refuses requests: there are more at once than its reserved concurrency.",
    "watch-function-slow": "The slowest requests of the function come near its timeout.",
    "watch-retrain": "No run of retrain has ended without an error for longer than its schedule allows.",
}


@dataclass(frozen=True)
class Metric:
    """A statistic of a metric; `dimensions` maps names to values."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: Literal["Sum", "Average", "Maximum", "SampleCount"] = "Sum"

    @property
    def named(self) -> "list[DimensionTypeDef]":
        return [{"Name": name, "Value": value} for name, value in self.dimensions.items()]


def alarm(endpoint: str, kind: str, *, threshold: float, periods: int = 1) -> "PutMetricAlarmInputTypeDef":
    """The members that all alarms share: on above the threshold for so many periods, where missing data is no reason."""
    return {
        "AlarmName": within(endpoint, kind),
        "AlarmDescription": f"{MEANINGS[kind]} What to do: docs/operations.md, {kind}.",
        "EvaluationPeriods": periods,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def over(shared: "PutMetricAlarmInputTypeDef", metric: Metric, *, period: int = FIVE_MINUTES) -> "PutMetricAlarmInputTypeDef":
    """The alarm over a statistic of one metric."""
    return {
        **shared,
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": metric.named,
        "Statistic": metric.statistic,
        "Period": period,
    }


def missing(shared: "PutMetricAlarmInputTypeDef", metric: Metric, *, period: int) -> "PutMetricAlarmInputTypeDef":
    """The alarm that is on while nobody puts the metric.

    A new one waits for the first period with data: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
    """
    return {
        **over(shared, metric, period=period),
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": WARM_UP_PERIODS * period // MINUTE},
    }


def over_math(shared: "PutMetricAlarmInputTypeDef", expression: str, metrics: dict[str, Metric]) -> "PutMetricAlarmInputTypeDef":
    """The alarm over an expression of minutes; `metrics` maps the ids in the expression to metrics."""
    watched: MetricDataQueryTypeDef = {"Id": "watched", "Expression": expression, "ReturnData": True}
    return {**shared, "Metrics": [watched, *(query(identity, metric) for identity, metric in metrics.items())]}


def query(identity: str, metric: Metric) -> "MetricDataQueryTypeDef":
    return {
        "Id": identity,
        "MetricStat": {
            "Metric": {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": metric.named},
            "Period": MINUTE,
            "Stat": metric.statistic,
        },
        "ReturnData": False,
    }


def heard(request: "PutMetricAlarmInputTypeDef", topic: str) -> "PutMetricAlarmInputTypeDef":
    """The alarm that tells the topic when it goes on, and when it is over."""
    return {**request, "AlarmActions": [topic], "OKActions": [topic]}

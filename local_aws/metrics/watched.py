"""The numbers that an alarm watches: those of one metric, or of an expression over several metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.call import AwsError
from local_aws.metrics.expression import check_expression, value_of_expression
from local_aws.metrics.statistics import statistic_of
from local_aws.series import MetricStore, Series

ALONE = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")  # not beside Metrics


def check_watched(asked: Mapping[str, Any]) -> None:
    """Raise AwsError for an alarm that watches nothing that can be evaluated here."""
    if asked.get("Metrics"):
        check_queries(asked)
        return
    statistic = asked.get("ExtendedStatistic") or asked.get("Statistic")
    if not all(asked.get(member) for member in ("MetricName", "Namespace", "Period")) or not statistic:
        raise AwsError(
            "ValidationError", "An alarm needs a MetricName, Namespace, Period and one statistic, or Metrics with an Expression."
        )
    statistic_of((), statistic, parameter="ExtendedStatistic")


def check_queries(asked: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    if both := [member for member in ALONE if asked.get(member)]:
        raise AwsError("ValidationError", f"The parameters Metrics and {both[0]} must not be used together.")
    watched = [query for query in asked["Metrics"] if query.get("ReturnData", True)]
    metrics = {query["Id"]: query["MetricStat"] for query in asked["Metrics"] if "MetricStat" in query}
    if len(watched) != 1 or "Expression" not in watched[0] or len(metrics) != len(asked["Metrics"]) - 1:
        message = "Metrics must hold one Expression, whose ReturnData is true, and metrics with an Id each, whose ReturnData is false."
        raise AwsError("ValidationError", message)
    if len({stat["Period"] for stat in metrics.values()}) != 1 or not all(named(stat["Metric"]) for stat in metrics.values()):
        raise AwsError("ValidationError", "Metrics must hold metrics with a Namespace, a MetricName and the same Period.")
    for stat in metrics.values():
        statistic_of((), stat["Stat"])
    check_expression(watched[0]["Expression"], metrics)


def named(metric: Mapping[str, Any]) -> bool:
    return bool(metric.get("Namespace") and metric.get("MetricName"))


def is_judged(alarm: Any) -> bool:
    """Whether the alarm watches numbers: a composite alarm watches other alarms."""
    return alarm.rule is None and bool(alarm.metric_name or alarm.metric_data_queries)


def period_of(alarm: Any) -> int:
    """The period in seconds of AWS's time."""
    return int(alarm.period or stats_of(alarm)[0]["Period"])


def value_between(metrics: MetricStore, alarm: Any, start: float, end: float) -> float | None:
    """The number that the alarm compares with its threshold; None without data."""
    if not alarm.metric_data_queries:
        series = Series.of(alarm.namespace, alarm.metric_name, {item.name: item.value for item in alarm.dimensions})
        return statistic_of(metrics.between(series, start, end, unit=alarm.unit), alarm.extended_statistic or alarm.statistic)
    values = {
        query["Id"]: statistic_of(metrics.between(series_of(stat["Metric"]), start, end, unit=stat.get("Unit")), stat["Stat"])
        for query in alarm.metric_data_queries
        if (stat := query.get("MetricStat"))
    }
    return value_of_expression(expression_of(alarm), values)


def expression_of(alarm: Any) -> str:
    return next(str(query["Expression"]) for query in alarm.metric_data_queries if "Expression" in query)


def stats_of(alarm: Any) -> Sequence[Mapping[str, Any]]:
    return [query["MetricStat"] for query in alarm.metric_data_queries if "MetricStat" in query]


def series_of(metric: Mapping[str, Any]) -> Series:
    return Series.of(metric["Namespace"], metric["MetricName"], {item["Name"]: item["Value"] for item in metric.get("Dimensions", ())})

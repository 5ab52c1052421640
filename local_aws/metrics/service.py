"""CloudWatch's calls about datapoints and alarms; moto answers the other calls, such as those about dashboards."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.listing import cut
from local_aws.metrics.alarms import Alarms
from local_aws.metrics.datum import check_datum, values_of
from local_aws.metrics.statistics import statistic_of
from local_aws.metrics.watched import check_watched
from local_aws.series import Datum, Series

SERVICE = "cloudwatch"
MOST_METRICS = 500  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
MOST_POINTS = 100_800  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html


class Metrics:
    """Calls that put and get datapoints in the cloud's store, and calls about the alarms over them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.alarms = Alarms(cloud)
        cloud.loops.start(self.alarms.loop)

    def operations(self) -> Operations:
        return {
            (SERVICE, "PutMetricData"): self.put,
            (SERVICE, "GetMetricData"): self.get,
            (SERVICE, "GetMetricStatistics"): self.get_statistics,
            (SERVICE, "ListMetrics"): self.list,
            (SERVICE, "PutMetricAlarm"): self.put_alarm,
            (SERVICE, "SetAlarmState"): self.set_alarm_state,
            (SERVICE, "DeleteAlarms"): self.delete_alarms,
            (SERVICE, "DescribeAlarmHistory"): self.history,
        }

    def close(self) -> None:
        self.alarms.loop.close()

    def put(self, call: Call) -> dict[str, Any]:
        if "MetricData" not in call.parameters:
            raise AwsError("MissingParameter", "The parameter MetricData is required.", status=400)
        for number, item in enumerate(call.parameters["MetricData"], 1):
            check_datum(item, number)
        for item in call.parameters["MetricData"]:
            series = Series(call.parameters["Namespace"], item["MetricName"], pairs(item.get("Dimensions", ())))
            when = {"unit": item.get("Unit", "None"), "at": item["Timestamp"].timestamp() if "Timestamp" in item else None}
            if "StatisticValues" in item:
                given = item["StatisticValues"]
                self._cloud.metrics.put_statistics(
                    series, count=given["SampleCount"], total=given["Sum"], lowest=given["Minimum"], highest=given["Maximum"], **when
                )
            else:
                self._cloud.metrics.put(series, values_of(item), **when)
        return {}

    def get(self, call: Call) -> dict[str, Any]:
        start, end = window(call)
        newest_first = call.parameters.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results = []
        for query in call.parameters["MetricDataQueries"]:
            if not query.get("ReturnData", True):
                continue
            if "MetricStat" not in query:
                raise AwsError("ValidationError", "local_aws evaluates metric math in alarms only: ask for a MetricStat.")
            asked = query["MetricStat"]
            points = self._points(asked["Metric"], start, end, asked["Period"], asked["Stat"], asked.get("Unit"))
            points = points[::-1] if newest_first else points
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or asked["Metric"]["MetricName"],
                    "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def get_statistics(self, call: Call) -> dict[str, Any]:
        asked, (start, end) = call.parameters, window(call)
        plain, extended = asked.get("Statistics", []), asked.get("ExtendedStatistics", [])
        if not plain and not extended:
            raise AwsError("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
        points: dict[float, dict[str, Any]] = {}
        for statistic in [*plain, *extended]:
            for at, value in self._points(asked, start, end, asked["Period"], statistic, asked.get("Unit")):
                point = points.setdefault(at, {"Timestamp": datetime.fromtimestamp(at, UTC)})
                (point if statistic in plain else point.setdefault("ExtendedStatistics", {}))[statistic] = value
        return {"Label": asked["MetricName"], "Datapoints": list(points.values())}

    def list(self, call: Call) -> dict[str, Any]:
        found = [describe_series(series) for series in self._cloud.metrics.series() if is_asked(series, call.parameters)]
        metrics, token = cut(found, call.parameters, "InvalidParameterValue", most=MOST_METRICS)
        return {"Metrics": metrics} | token

    def put_alarm(self, call: Call) -> dict[str, Any]:
        """PutMetricAlarm: an updated alarm keeps its state, a new alarm begins without data."""
        check_watched(call.parameters)
        self.alarms.put(call.parameters)
        return {}

    def set_alarm_state(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        alarm = self._cloud.books(SERVICE).alarms.get(asked["AlarmName"])
        if alarm is None:
            raise AwsError("ResourceNotFound", f"There is no alarm {asked['AlarmName']}.")
        self.alarms.set_state(alarm, asked["StateValue"], asked["StateReason"], asked.get("StateReasonData") or "{}")
        return {}

    def delete_alarms(self, call: Call) -> dict[str, Any]:
        self.alarms.delete(call.parameters["AlarmNames"])
        return {}

    def history(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        items = [
            item
            for item in list(self.alarms.history)
            if asked.get("AlarmName") in (None, item.alarm) and asked.get("HistoryItemType") in (None, item.kind)
        ]
        items = items if asked.get("ScanBy") == "TimestampAscending" else items[::-1]
        return {"AlarmHistoryItems": [item.describe() for item in items[: asked.get("MaxRecords", 100)]]}

    def _points(
        self, metric: Mapping[str, Any], start: float, end: float, period: int, statistic: str, unit: str | None
    ) -> Sequence[tuple[float, float]]:
        """(start of the period, its statistic) for every period with data, the oldest first."""
        if missing := [name for name in ("Namespace", "MetricName") if name not in metric]:
            raise AwsError("MissingParameter", f"The parameter {missing[0]} is required.", status=400)
        series = Series(metric["Namespace"], metric["MetricName"], pairs(metric.get("Dimensions", ())))
        start -= start % period
        if (end - start) / period > MOST_POINTS:
            raise AwsError("InvalidParameterValue", f"More than {MOST_POINTS} datapoints are asked for: make the period longer.")
        groups: dict[float, list[Datum]] = {}
        for datum in self._cloud.metrics.between(series, start, end, unit=unit):
            groups.setdefault(datum.time - datum.time % period, []).append(datum)
        values = [(at, statistic_of(data, statistic)) for at, data in groups.items()]
        return [(at, value) for at, value in values if value is not None]


def pairs(dimensions: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    """The dimensions of a series; a name may come twice."""
    return tuple(sorted((item["Name"], item["Value"]) for item in dimensions))


def window(call: Call) -> tuple[float, float]:
    """The whole seconds between which data are asked for; each of the two calls refuses the others in words of its own."""
    start, end = (int(call.parameters[name].timestamp()) for name in ("StartTime", "EndTime"))
    if start >= end and call.operation == "GetMetricStatistics":
        raise AwsError("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.", status=400)
    if start == end:
        raise AwsError("ValidationError", "The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise AwsError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    return call.parameters["StartTime"].timestamp(), call.parameters["EndTime"].timestamp()


def is_asked(series: Series, asked: Mapping[str, Any]) -> bool:
    return (
        asked.get("Namespace") in (None, series.namespace)
        and asked.get("MetricName") in (None, series.name)
        and all(has_dimension(series, item) for item in asked.get("Dimensions", ()))
    )


def has_dimension(series: Series, asked: Mapping[str, str]) -> bool:
    return any(name == asked["Name"] and asked.get("Value") in (None, value) for name, value in series.dimensions)


def describe_series(series: Series) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in series.dimensions]
    return {"Namespace": series.namespace, "MetricName": series.name, "Dimensions": dimensions}

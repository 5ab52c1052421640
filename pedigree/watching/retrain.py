"""The report of a scheduled run, and the alarm that is on when none comes."""

import math
from typing import TYPE_CHECKING

from pedigree.aws.alarms import ensure_alarms
from pedigree.aws.clients import client
from pedigree.aws.naming import endpoint_name
from pedigree.settings import Mission
from pedigree.values import Account
from pedigree.watching.request import HOUR, Metric, alarm, heard, missing

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef

REPORT = "RetrainReports"
# an alarm looks back a week at most: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MOST_HOURS = 7 * 24
SLACK, LEAST_SLACK = 1.25, 2  # times and hours longer than the schedule: one run takes longer than another


def report_retrain(account: Account, mission: Mission) -> None:
    """Tell CloudWatch that a run has ended without an error, and watch for the next one if it is scheduled."""
    endpoint = endpoint_name(account.project, mission.serving)
    metric = report_metric(account.project, endpoint)
    client(account.credentials, "cloudwatch").put_metric_data(
        Namespace=metric.namespace, MetricData=[{"MetricName": metric.name, "Dimensions": metric.named, "Value": 1}]
    )
    if hours := hours_watched(mission.retrained_every_hours):
        ensure_alarms(account, endpoint, [heard(retrain_alarm(account.project, endpoint, hours), account.topic)])


def retrain_alarm(project: str, endpoint: str, hours: int) -> "PutMetricAlarmInputTypeDef":
    """The alarm that is on when nothing was reported for this number of hours."""
    shared = alarm(endpoint, "watch-retrain", threshold=1.0, periods=hours)
    return missing(shared, report_metric(project, endpoint), period=HOUR)


def hours_watched(every: float | None) -> int | None:
    """The hours that the alarm waits for the next run; None without a schedule, or where an alarm cannot wait until the next run."""
    if every is None:
        return None
    hours = math.ceil(max(every * SLACK, every + LEAST_SLACK))
    return hours if hours <= MOST_HOURS else None


def report_metric(project: str, endpoint: str) -> Metric:
    return Metric(project, REPORT, {"EndpointName": endpoint}, "SampleCount")

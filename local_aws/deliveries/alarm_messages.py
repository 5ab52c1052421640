"""The message of an alarm to a topic when its state changes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import json
from datetime import UTC, datetime
from typing import Any

from local_aws.cloud import Cloud

LONGEST_SUBJECT = 100


def publish_change(cloud: Cloud, topic: str, alarm: Any, before: str) -> None:
    """Publish the change of an alarm's state; moto's error when there is no such topic."""
    subject = f'{alarm.state_value}: "{alarm.name}" in {cloud.region}'[:LONGEST_SUBJECT]
    cloud.books("sns").publish(json.dumps(message_of(cloud, alarm, before)), topic, subject=subject)


def message_of(cloud: Cloud, alarm: Any, before: str) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": cloud.account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000",
        "Region": cloud.region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
        "Trigger": {
            **watched(alarm),
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
        },
    }


def watched(alarm: Any) -> dict[str, Any]:
    """The metric of the alarm, or the queries of its metric math."""
    if alarm.metric_data_queries:
        return {"Metrics": alarm.metric_data_queries}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": (alarm.statistic or alarm.extended_statistic or "").upper(),
        "Unit": alarm.unit,
        "Dimensions": [{"name": each.name, "value": each.value} for each in alarm.dimensions],
        "Period": alarm.period,
    }

"""Alarms by name: put where they are not there as wanted, with the tags of their endpoint."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pedigree.aws.adoption import contains
from pedigree.aws.clients import client
from pedigree.aws.naming import tag_list
from pedigree.values import Account, Outcome

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef


def ensure_alarms(account: Account, endpoint: str, wanted: "Sequence[PutMetricAlarmInputTypeDef]") -> Outcome:
    """Put the alarms that differ from what is wanted."""
    found = described_alarms(account, [request["AlarmName"] for request in wanted])
    differing = [request for request in wanted if not contains(found.get(request["AlarmName"]), request)]
    for request in differing:
        tagged: PutMetricAlarmInputTypeDef = {**request, "Tags": tag_list(account, endpoint)}
        client(account.credentials, "cloudwatch").put_metric_alarm(**tagged)
    if not differing:
        return "adopted"
    return "updated" if found else "created"


def described_alarms(account: Account, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """{name: description} of those of the alarms that there are."""
    found = client(account.credentials, "cloudwatch").describe_alarms(AlarmNames=list(names))
    return {alarm["AlarmName"]: dict(alarm) for alarm in found["MetricAlarms"]}


def metrics_in(alarm: Mapping[str, Any]) -> int:
    """How many metrics AWS bills for the alarm, of its request or description: https://aws.amazon.com/cloudwatch/pricing/"""
    return sum("MetricStat" in each for each in alarm.get("Metrics", ())) or 1

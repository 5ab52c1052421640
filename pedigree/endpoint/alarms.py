"""The alarms that take an update back: errors of the model, and its slowest answers. They stay as long as their endpoint.

They judge a single minute and tell nobody: the run announces what it took back. `pedigree/watching/` has the alarms that people hear.
"""

import logging
from typing import TYPE_CHECKING

from pedigree.aws.alarms import described_alarms
from pedigree.aws.errors import TimedOut
from pedigree.aws.naming import within
from pedigree.aws.resources.table import ROLLBACK_ALARM
from pedigree.aws.waiting import wait_until
from pedigree.endpoint.config import VARIANT
from pedigree.settings import Guardrails
from pedigree.values import Account

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef

LOG = logging.getLogger(__name__)
PERIOD = 60  # seconds; SageMaker sends its metrics once a minute
QUIET_SECONDS = 3 * PERIOD  # for what an earlier update left behind


def alarm_names(endpoint: str) -> tuple[str, str]:
    return within(endpoint, "rollback-5xx"), within(endpoint, "rollback-latency")


def alarm_requests(endpoint: str, guardrails: Guardrails) -> "list[PutMetricAlarmInputTypeDef]":
    """PutMetricAlarm, without the tags; ModelLatency is in microseconds."""
    errors, latency = alarm_names(endpoint)
    return [
        {**alarm_request(endpoint, errors, "Invocation5XXErrors", float(guardrails.max_errors)), "Statistic": "Sum"},
        {**alarm_request(endpoint, latency, "ModelLatency", guardrails.max_p99_seconds * 1e6), "ExtendedStatistic": "p99"},
    ]


def alarm_request(endpoint: str, name: str, metric: str, threshold: float) -> "PutMetricAlarmInputTypeDef":
    return {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}],
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmName": name,
        "MetricName": metric,
        "Threshold": threshold,
    }


def quiet_alarms(account: Account, endpoint: str) -> list[str]:
    """Names of the alarms that can judge an update. An alarm that stays on judges the live model, and must not block its repair."""
    try:
        wait_until(
            lambda: loud(account, endpoint), lambda names: not names, step="rollback alarms", resource=endpoint, seconds=QUIET_SECONDS
        )
    except TimedOut:
        LOG.warning(f"On before the update, and so no judge of it: {', '.join(loud(account, endpoint))}")
    return [name for name in alarm_names(endpoint) if name not in loud(account, endpoint)]


def delete_alarms(account: Account, endpoint: str) -> None:
    for name in alarm_names(endpoint):
        ROLLBACK_ALARM.delete(account, name)


def loud(account: Account, endpoint: str) -> list[str]:
    return [name for name, alarm in described_alarms(account, alarm_names(endpoint)).items() if alarm["StateValue"] == "ALARM"]

"""The alarms on a function: what the callers of its alias get.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from typing import TYPE_CHECKING

from pedigree.settings import Function
from pedigree.watching.request import Metric, alarm, over

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef

NAMESPACE = "AWS/Lambda"
NEAR = 0.8  # of the timeout


def function_alarms(name: str, alias: str, function: Function) -> "list[PutMetricAlarmInputTypeDef]":
    """Errors, throttles, and requests near the timeout; Duration is in milliseconds."""
    where = {"FunctionName": name, "Resource": f"{name}:{alias}"}
    slow = alarm(name, "watch-function-slow", threshold=NEAR * function.timeout_seconds * 1000)
    return [
        over(alarm(name, "watch-function-errors", threshold=0.0), Metric(NAMESPACE, "Errors", where)),
        over(alarm(name, "watch-function-throttles", threshold=0.0), Metric(NAMESPACE, "Throttles", where)),
        over(slow, Metric(NAMESPACE, "Duration", where, "Maximum")),
    ]

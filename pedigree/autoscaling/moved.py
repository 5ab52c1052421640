"""An update to another instance type: AWS refuses it while the variant is a scalable target, so autoscaling steps aside for it.

https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pedigree.autoscaling.policies import STEP_POLICIES, alarm_name
from pedigree.aws.adoption import settled_by
from pedigree.aws.clients import client
from pedigree.aws.naming import tags
from pedigree.aws.resources.serving import DIMENSION, NAMESPACE, variant_id
from pedigree.aws.resources.table import SCALABLE_TARGET
from pedigree.values import Account

SCHEDULE_FIELDS = ("ScheduledActionName", "Schedule", "Timezone", "ScalableTargetAction", "StartTime", "EndTime")
ALARM_FIELDS = (
    "AlarmName",
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "Period",
    "EvaluationPeriods",
    "Threshold",
    "ComparisonOperator",
)


@contextmanager
def autoscaling_aside(account: Account, endpoint: str, variant: str) -> Iterator[None]:
    """Deregister the scalable target of a variant, and register it again with its limits, policies and schedules at the end."""
    moved = MovedTarget(account, endpoint, variant)
    SCALABLE_TARGET.delete(account, moved.resource)
    try:
        yield
    finally:
        moved.put_back()


class MovedTarget:
    """The autoscaling of a variant as it was found; there may be none."""

    def __init__(self, account: Account, endpoint: str, variant: str) -> None:
        self._account, self._endpoint, self.resource = account, endpoint, variant_id(endpoint, variant)
        self._scaling = client(account.credentials, "application-autoscaling")
        self._named: dict[str, Any] = {"ServiceNamespace": NAMESPACE, "ResourceId": self.resource, "ScalableDimension": DIMENSION}
        self._targets = self._registered()
        self._policies: list[Any] = [*self._scaling.describe_scaling_policies(**self._named)["ScalingPolicies"]]
        self._schedules: list[Any] = [*self._scaling.describe_scheduled_actions(**self._named)["ScheduledActions"]]

    def put_back(self) -> None:
        for target in self._targets:
            limits: dict[str, Any] = {"MinCapacity": target["MinCapacity"], "MaxCapacity": target["MaxCapacity"]}
            with settled_by(lambda: bool(self._registered())):
                self._scaling.register_scalable_target(**self._named, **limits, Tags=tags(self._account, self._endpoint))
        for policy in self._policies:
            kind = policy["PolicyType"]
            member = f"{kind}PolicyConfiguration"
            request = {"PolicyName": policy["PolicyName"], "PolicyType": kind, member: policy[member]}
            self._call_alarm(policy["PolicyName"], self._scaling.put_scaling_policy(**self._named, **request)["PolicyARN"])
        for action in self._schedules:
            self._scaling.put_scheduled_action(**self._named, **{name: action[name] for name in SCHEDULE_FIELDS if name in action})

    def _registered(self) -> list[Any]:
        where = {name: self._named[name] for name in ("ServiceNamespace", "ScalableDimension")}
        return [*self._scaling.describe_scalable_targets(**where, ResourceIds=[self.resource])["ScalableTargets"]]

    def _call_alarm(self, policy: str, arn: str) -> None:
        """Let the alarm of a step policy call the policy by its new ARN; AWS makes the alarms of target tracking itself."""
        if policy not in STEP_POLICIES:
            return
        cloudwatch = client(self._account.credentials, "cloudwatch")
        for alarm in cloudwatch.describe_alarms(AlarmNames=[alarm_name(self._endpoint, policy)])["MetricAlarms"]:
            request: Any = {name: value for name, value in alarm.items() if name in ALARM_FIELDS}
            cloudwatch.put_metric_alarm(**request, AlarmActions=[arn])

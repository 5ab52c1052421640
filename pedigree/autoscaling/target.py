"""The autoscaling of one resource, changed to the wanted state: scalable target, policies, their alarms, schedules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pedigree.autoscaling.policies import OURS, STEP_POLICIES, Policy, alarm_name
from pedigree.aws.adoption import contains, settled_by
from pedigree.aws.clients import ApplicationAutoScalingClient, CloudWatchClient
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.naming import tag_list, tags
from pedigree.aws.resources.kind import gone_is_fine
from pedigree.aws.resources.serving import NAMESPACE, PROVISIONED_NAMESPACE, ScalableTargetKind, TargetId
from pedigree.aws.resources.table import SCALING_ALARM
from pedigree.settings import ProvisionedSchedule, Schedule
from pedigree.values import Account, Outcome

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling.type_defs import (
        PutScheduledActionRequestTypeDef,
        ScalableTargetActionTypeDef,
        ScalableTargetTypeDef,
        SuspendedStateTypeDef,
    )
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef

INSTEAD = {NAMESPACE: "choose another autoscaling.policy", PROVISIONED_NAMESPACE: "leave function.max_provisioned_concurrency empty"}


class ScaledResource:
    """A scalable target in Application Auto Scaling and CloudWatch; the names of this project's alarms begin with `owner`."""

    def __init__(
        self, scaling: ApplicationAutoScalingClient, cloudwatch: CloudWatchClient, kind: ScalableTargetKind, resource: str, *, owner: str
    ) -> None:
        self._scaling, self._cloudwatch, self._owner = scaling, cloudwatch, owner
        self.id, self.resource = kind.id_of(resource), resource

    def limits(self) -> "ScalableTargetActionTypeDef | None":
        """The limits of the scalable target; None when it does not exist."""
        found = self._target()
        return limits(found["MinCapacity"], found["MaxCapacity"]) if found else None

    def suspend(self, *, suspended: bool) -> Outcome:
        """Let the policies and schedules of the target rest, or act again; they and the limits stay as they are."""
        found = self._target()
        if found is None or any(found.get("SuspendedState", {}).values()) == suspended:
            return "adopted"
        state: SuspendedStateTypeDef = {
            "DynamicScalingInSuspended": suspended,
            "DynamicScalingOutSuspended": suspended,
            "ScheduledScalingSuspended": suspended,
        }
        self._scaling.register_scalable_target(**self.id, SuspendedState=state)
        return "updated"

    def ensure_limits(self, wanted: "Sequence[ScalableTargetActionTypeDef]", account: Account) -> Outcome:
        """Set the first of the wanted limits, unless the target has one of the others.

        A schedule has set those, and a new deployment must not undo it.
        """
        found = self.limits()
        if found in wanted:
            return "adopted"
        if found:
            self._scaling.register_scalable_target(**self.id, **wanted[0])
            return "updated"
        with settled_by(lambda: self.limits() == wanted[0]):  # only a new target accepts tags
            self._scaling.register_scalable_target(**self.id, **wanted[0], Tags=tags(account, self._owner))
        return "created"

    def ensure_policies(self, wanted: Sequence[Policy], account: Account) -> Iterator[Outcome]:
        """Put policies that differ or miss an alarm, and delete this project's policies that are no longer wanted."""
        found = self.policies()
        self.require_no_other(wanted)
        for policy in wanted:
            yield self._ensure_policy(policy, found.get(policy.name), account)
        for name in found.keys() & set(OURS) - {policy.name for policy in wanted}:
            if name in STEP_POLICIES:
                SCALING_ALARM.delete(account, alarm_name(self._owner, name))
            with gone_is_fine():
                self._scaling.delete_scaling_policy(PolicyName=name, **self.id)
            yield "updated"

    def ensure_schedules(self, wanted: "Sequence[PutScheduledActionRequestTypeDef]") -> Iterator[Outcome]:
        """Put the wanted schedules and delete all others: the scalable target belongs to this project."""
        found = self._scaling.describe_scheduled_actions(**self.id)["ScheduledActions"]
        there = {action["ScheduledActionName"]: action for action in found}
        for request in wanted:
            if not contains(there.get(request["ScheduledActionName"]), request):
                self._scaling.put_scheduled_action(**request)
                yield "updated"
        for name in there.keys() - {request["ScheduledActionName"] for request in wanted}:
            with gone_is_fine():
                self._scaling.delete_scheduled_action(ScheduledActionName=name, **self.id)
            yield "updated"

    def _target(self) -> "ScalableTargetTypeDef | None":
        found = self._scaling.describe_scalable_targets(
            ServiceNamespace=self.id["ServiceNamespace"], ScalableDimension=self.id["ScalableDimension"], ResourceIds=[self.resource]
        )["ScalableTargets"]
        return found[0] if found else None

    def policies(self) -> dict[str, dict[str, Any]]:
        found = self._scaling.describe_scaling_policies(**self.id)
        return {policy["PolicyName"]: dict(policy) for policy in found["ScalingPolicies"]}

    def alarms(self, wanted: Sequence[Policy]) -> tuple[str, ...]:
        """The names of the policies' alarms when all of them exist in CloudWatch, else an empty tuple."""
        found = self.policies()
        names = [name for policy in wanted for name in self._alarm_names(policy, found.get(policy.name))]
        return tuple(names) if names and all(names) and self._described(names).keys() >= set(names) else ()

    def require_no_other(self, wanted: Sequence[Policy]) -> None:
        """SpecDiffers when a policy that is not ours tracks the metric of a wanted one: AWS allows one for a metric and target."""
        tracked = {name: metric_of(policy) for name, policy in self.policies().items() if name not in OURS}
        for policy in wanted:
            metric = metric_of(policy.request)
            if metric and (others := [name for name, other in tracked.items() if other == metric]):
                cause = f"the policy {others[0]}, which is not of this project, tracks the same metric"
                raise SpecDiffers("autoscaling", self.resource, cause, f"delete that policy, or {INSTEAD[self.id['ServiceNamespace']]}")

    def _ensure_policy(self, policy: Policy, found: dict[str, Any] | None, account: Account) -> Outcome:
        alarms = self._alarm_names(policy, found)
        there = self._described(alarms) if all(alarms) else {}
        same = contains(found, policy.request)
        arn = found["PolicyARN"] if found else ""
        as_wanted = {**policy.alarm, "AlarmActions": [arn]} if policy.alarm else {}
        if same and alarms and there.keys() >= set(alarms) and all(contains(alarm, as_wanted) for alarm in there.values()):
            return "adopted"
        if not same or policy.alarm is None:  # a new PutScalingPolicy creates the alarms of target tracking again
            arn = self._scaling.put_scaling_policy(**policy.request)["PolicyARN"]
        if policy.alarm is not None:
            alarm: PutMetricAlarmInputTypeDef = {**policy.alarm, "AlarmActions": [arn], "Tags": tag_list(account, self._owner)}
            self._cloudwatch.put_metric_alarm(**alarm)
        return "updated" if found else "created"

    def _alarm_names(self, policy: Policy, found: dict[str, Any] | None) -> list[str]:
        if policy.alarm is not None:
            return [policy.alarm["AlarmName"]]
        return [alarm["AlarmName"] for alarm in (found or {}).get("Alarms", [])]

    def _described(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        found = self._cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"] if names else []
        return {alarm["AlarmName"]: dict(alarm) for alarm in found}


def metric_of(policy: Mapping[str, Any]) -> Any:
    """The metric that a policy tracks; None for a step policy."""
    configuration = policy.get("TargetTrackingScalingPolicyConfiguration", {})
    return configuration.get("PredefinedMetricSpecification") or configuration.get("CustomizedMetricSpecification")


def limits(lowest: int, highest: int) -> "ScalableTargetActionTypeDef":
    return {"MinCapacity": lowest, "MaxCapacity": highest}


def schedule_request(
    target: TargetId, schedule: Schedule | ProvisionedSchedule, lowest: int, highest: int
) -> "PutScheduledActionRequestTypeDef":
    return {
        "ServiceNamespace": target["ServiceNamespace"],
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "ScheduledActionName": schedule.name,
        "Schedule": schedule.when,
        "Timezone": schedule.timezone,
        "ScalableTargetAction": limits(lowest, highest),
    }

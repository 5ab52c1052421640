"""What autoscaling of one resource is made of, brought to what is wanted: target, policies, their alarms, schedules."""

from collections.abc import Iterator, Sequence
from typing import Any

from pedigree.autoscaling.policies import OURS, STEP_POLICIES, Policy, alarm_name
from pedigree.aws.adoption import contains
from pedigree.aws.naming import tag_list, tags
from pedigree.aws.resources.serving import ScalableTargetKind
from pedigree.settings import ProvisionedSchedule, Schedule
from pedigree.values import Account, Outcome


class ScaledResource:
    """A scalable target as Application Auto Scaling and CloudWatch know it; alarms of our own have names that begin with `owner`."""

    def __init__(self, scaling: Any, cloudwatch: Any, kind: ScalableTargetKind, resource: str, *, owner: str) -> None:
        self._scaling, self._cloudwatch, self._owner = scaling, cloudwatch, owner
        self.resource = resource
        self._named = {"ServiceNamespace": kind.namespace, "ResourceId": resource, "ScalableDimension": kind.dimension}

    def limits(self) -> dict[str, int] | None:
        """Of the target, None where there is none."""
        where = {name: self._named[name] for name in ("ServiceNamespace", "ScalableDimension")}
        found = self._scaling.describe_scalable_targets(**where, ResourceIds=[self.resource])["ScalableTargets"]
        return {name: int(found[0][name]) for name in ("MinCapacity", "MaxCapacity")} if found else None

    def ensure_limits(self, wanted: Sequence[dict[str, int]], account: Account) -> Outcome:
        """The first of those wanted, unless it has one of the others: a schedule has set it since, and a redeploy must not undo it."""
        found = self.limits()
        if found in wanted:
            return "adopted"
        tagged = {} if found else {"Tags": tags(account, self._owner)}  # only a new target takes tags
        self._scaling.register_scalable_target(**self._named, **wanted[0], **tagged)
        return "updated" if found else "created"

    def ensure_policies(self, wanted: Sequence[Policy], account: Account) -> Iterator[Outcome]:
        """Put those that differ or have not all their alarms; those of ours that are no longer wanted go."""
        found = self.policies()
        for policy in wanted:
            yield self._ensure_policy(policy, found.get(policy.name), account)
        for name in found.keys() & set(OURS) - {policy.name for policy in wanted}:
            if name in STEP_POLICIES:
                self._cloudwatch.delete_alarms(AlarmNames=[alarm_name(self._owner, name)])
            self._scaling.delete_scaling_policy(PolicyName=name, **self._named)
            yield "updated"

    def ensure_schedules(self, wanted: Sequence[dict[str, Any]]) -> Iterator[Outcome]:
        """There are no others: the target is the project's own."""
        found = self._scaling.describe_scheduled_actions(**self._named)["ScheduledActions"]
        there = {action["ScheduledActionName"]: action for action in found}
        for request in wanted:
            if not contains(there.get(request["ScheduledActionName"]), request):
                self._scaling.put_scheduled_action(**self._named, **request)
                yield "updated"
        for name in there.keys() - {request["ScheduledActionName"] for request in wanted}:
            self._scaling.delete_scheduled_action(ScheduledActionName=name, **self._named)
            yield "updated"

    def policies(self) -> dict[str, dict[str, Any]]:
        found = self._scaling.describe_scaling_policies(**self._named)
        return {policy["PolicyName"]: policy for policy in found["ScalingPolicies"]}

    def alarms(self, wanted: Sequence[Policy]) -> tuple[str, ...]:
        """Names of the policies' alarms once all of them are really in CloudWatch, else nothing."""
        found = self.policies()
        names = [name for policy in wanted for name in self._alarm_names(policy, found.get(policy.name))]
        return tuple(names) if names and all(names) and self._described(names).keys() >= set(names) else ()

    def _ensure_policy(self, policy: Policy, found: dict[str, Any] | None, account: Account) -> Outcome:
        alarms = self._alarm_names(policy, found)
        there = self._described(alarms) if all(alarms) else {}
        same = found is not None and contains(found.get(policy.member), policy.configuration)
        arn = found["PolicyARN"] if found else ""
        as_wanted = {**policy.alarm, "AlarmActions": [arn]} if policy.alarm else {}
        if same and alarms and there.keys() >= set(alarms) and all(contains(alarm, as_wanted) for alarm in there.values()):
            return "adopted"
        if not same or policy.alarm is None:  # putting it again makes its own alarms anew
            request = {"PolicyName": policy.name, "PolicyType": policy.kind, policy.member: policy.configuration}
            arn = self._scaling.put_scaling_policy(**self._named, **request)["PolicyARN"]
        if policy.alarm is not None:
            self._cloudwatch.put_metric_alarm(**policy.alarm, AlarmActions=[arn], Tags=tag_list(account, self._owner))
        return "updated" if found else "created"

    def _alarm_names(self, policy: Policy, found: dict[str, Any] | None) -> list[str]:
        if policy.alarm is not None:
            return [policy.alarm["AlarmName"]]
        return [alarm["AlarmName"] for alarm in (found or {}).get("Alarms", [])]

    def _described(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        found = self._cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"] if names else []
        return {alarm["AlarmName"]: alarm for alarm in found}


def limits(lowest: int, highest: int) -> dict[str, int]:
    return {"MinCapacity": lowest, "MaxCapacity": highest}


def schedule_request(schedule: Schedule | ProvisionedSchedule, lowest: int, highest: int) -> dict[str, Any]:
    return {
        "ScheduledActionName": schedule.name,
        "Schedule": schedule.when,
        "Timezone": schedule.timezone,
        "ScalableTargetAction": limits(lowest, highest),
    }

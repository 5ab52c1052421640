"""Autoscaling of the provisioned concurrency: its target is the version that the alias stands for, and moves on with it."""

from functools import partial
from typing import TYPE_CHECKING

from pedigree.autoscaling.policies import UTILIZATION, Policy, target_tracking
from pedigree.autoscaling.target import ScaledResource, limits, schedule_request
from pedigree.aws.clients import client
from pedigree.aws.resources.serving import PROVISIONED_NAMESPACE, TargetId
from pedigree.aws.resources.table import PROVISIONED_TARGET
from pedigree.aws.waiting import wait_until
from pedigree.function.url import changed
from pedigree.settings import Function
from pedigree.values import Account, Outcome

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling.type_defs import ScalableTargetActionTypeDef, TargetTrackingScalingPolicyConfigurationTypeDef

ALARM_SECONDS = 120


class ScaledFunction:
    """The targets of one function's versions: of the published one, and suspended of the proven one until the other is proven too."""

    def __init__(self, account: Account, name: str) -> None:
        self._account, self._function = account, name
        self._scaling, self._cloudwatch = client(account.credentials, "application-autoscaling"), client(account.credentials, "cloudwatch")

    def hand_over(self, version: str | None, *, keep: str | None = None) -> "ScalableTargetActionTypeDef | None":
        """The limits that were in force; of the targets only this version's acts, so that nothing brings back what others give up.

        The target of the version to `keep` is suspended, with its policies and schedules; the others are deleted.
        """
        mine, kept = self._name(version), self._name(keep)
        targets = [target.name for target in PROVISIONED_TARGET.find(self._account) if target.of == self._function]
        standing = {name: self._resource(name).limits() for name in targets}
        for name in standing.keys() - {mine, kept}:
            PROVISIONED_TARGET.delete(self._account, name)
        if kept in standing:
            self._resource(kept).suspend(suspended=True)
        return standing.get(mine) or next(iter(standing.values()), None)

    def ensure(self, version: str, function: Function, standing: "ScalableTargetActionTypeDef | None") -> Outcome:
        """Target, policy and schedules of the version as they are wanted, or none; it begins with the limits that were in force."""
        resource = self._resource(self._name(version))
        if not function.scales_provisioned:
            return self._deregister(resource)
        wanted = limits_wanted(function)
        policies = [utilization_policy(resource.id, function)] if function.max_provisioned_concurrency else []
        outcomes = [
            resource.ensure_limits([standing, *wanted] if standing in wanted else wanted, self._account),
            *resource.ensure_policies(policies, self._account),
            *resource.ensure_schedules(
                [schedule_request(resource.id, each, each.lowest, each.highest) for each in function.provisioned_schedules]
            ),
        ]
        outcomes.append(resource.suspend(suspended=False))
        if policies:
            wait_until(partial(resource.alarms, policies), bool, step="function", resource=resource.resource, seconds=ALARM_SECONDS)
        return changed(outcomes)

    def lowest(self, version: str) -> int:
        """How many environments the target of the version keeps warm at least; 0 where it has none."""
        limits = self._resource(self._name(version)).limits()
        return limits["MinCapacity"] if limits else 0

    def resume(self, version: str) -> None:
        """Let the target of the version act again, if it has one."""
        self._resource(self._name(version)).suspend(suspended=False)

    def require_no_other(self, function: Function) -> None:
        """SpecDiffers when somebody else's policy tracks the utilization of a version or alias, where this project is to scale."""
        if function.max_provisioned_concurrency is None:
            return
        pages = self._scaling.get_paginator("describe_scaling_policies").paginate(ServiceNamespace=PROVISIONED_NAMESPACE)
        scaled = {policy["ResourceId"] for page in pages for policy in page["ScalingPolicies"]}
        for resource in map(self._resource, sorted(name for name in scaled if name.startswith(self._name("")))):
            resource.require_no_other([utilization_policy(resource.id, function)])

    def _deregister(self, resource: ScaledResource) -> Outcome:
        if resource.limits() is None:
            return "adopted"
        PROVISIONED_TARGET.delete(self._account, resource.resource)
        return "updated"

    def _name(self, version: str | None) -> str:
        return f"function:{self._function}:{version}"

    def _resource(self, name: str) -> ScaledResource:
        return ScaledResource(self._scaling, self._cloudwatch, PROVISIONED_TARGET, name, owner=self._function)


def limits_wanted(function: Function) -> "list[ScalableTargetActionTypeDef]":
    """Limits of the settings, then the limits of each schedule."""
    highest = function.max_provisioned_concurrency or function.provisioned_concurrency
    return [
        limits(function.provisioned_concurrency, highest),
        *(limits(each.lowest, each.highest) for each in function.provisioned_schedules),
    ]


def utilization_policy(target: TargetId, function: Function) -> Policy:
    """AWS scales in only while there are requests: without any it counts no utilization."""
    configuration: TargetTrackingScalingPolicyConfigurationTypeDef = {
        "TargetValue": function.target_utilization,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
    }
    return target_tracking(target, UTILIZATION, configuration)

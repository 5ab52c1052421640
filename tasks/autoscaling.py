"""Autoscaling of an endpoint's variant: a scalable target and a target-tracking policy whose alarms exist."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from prefect import task

from tasks.aws.adoption import contains
from tasks.aws.clients import client
from tasks.aws.naming import tags
from tasks.aws.tasking import AWS_TASK
from tasks.aws.waiting import wait_until
from tasks.kinds.serving import DIMENSION, NAMESPACE
from tasks.kinds.table import SCALABLE_TARGET
from tasks.settings import Autoscaling
from tasks.values import Account, Endpoint, Outcome, ScalingPolicy

POLICY = "invocations-per-instance"
ALARM_SECONDS = 120


@task(name="register autoscaling", **AWS_TASK)
def register_autoscaling(account: Account, endpoint: Endpoint, autoscaling: Autoscaling) -> ScalingPolicy:
    """Target tracking on the endpoint's variant, done when its alarms exist: a policy without alarms never fires."""
    scaling = client(account.credentials, "application-autoscaling")
    resource = resource_of(endpoint)
    look = partial(existing_alarms, client(account.credentials, "cloudwatch"), scaling, resource)
    outcomes = [ensure_target(scaling, resource, autoscaling, account), ensure_policy(scaling, resource, autoscaling, alarms=look())]
    alarms = wait_until(
        look,
        bool,
        step="autoscaling",
        resource=resource,
        seconds=ALARM_SECONDS,
    )
    outcome: Outcome = next((done for done in ("created", "updated") if done in outcomes), "adopted")
    return ScalingPolicy(resource, autoscaling.min_instances, autoscaling.max_instances, autoscaling.target, alarms, outcome)


def deregister_autoscaling(account: Account, endpoint: Endpoint) -> None:
    """Take the scalable target away, and with it its policy and alarms; it must go before its endpoint, which would leave it behind."""
    SCALABLE_TARGET.delete(account, resource_of(endpoint))


def resource_of(endpoint: Endpoint) -> str:
    return f"endpoint/{endpoint.name}/variant/{endpoint.variant}"


def ensure_target(scaling: Any, resource: str, autoscaling: Autoscaling, account: Account) -> Outcome:
    found = scaling.describe_scalable_targets(ServiceNamespace=NAMESPACE, ResourceIds=[resource], ScalableDimension=DIMENSION)
    limits = {"MinCapacity": autoscaling.min_instances, "MaxCapacity": autoscaling.max_instances}
    for target in found["ScalableTargets"]:
        if all(target[name] == value for name, value in limits.items()):
            return "adopted"
    new = not found["ScalableTargets"]
    tagged = {"Tags": tags(account.project, account.project)} if new else {}  # only a new target takes tags
    scaling.register_scalable_target(ServiceNamespace=NAMESPACE, ResourceId=resource, ScalableDimension=DIMENSION, **limits, **tagged)
    return "created" if new else "updated"


def ensure_policy(scaling: Any, resource: str, autoscaling: Autoscaling, *, alarms: Sequence[str]) -> Outcome:
    """Put the policy where it differs or has no `alarms`: putting it again makes them anew."""
    wanted = target_tracking(autoscaling)
    found = find_policy(scaling, resource)
    if found and contains(found["TargetTrackingScalingPolicyConfiguration"], wanted) and alarms:
        return "adopted"
    scaling.put_scaling_policy(
        PolicyName=POLICY,
        ServiceNamespace=NAMESPACE,
        ResourceId=resource,
        ScalableDimension=DIMENSION,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=wanted,
    )
    return "updated" if found else "created"


def target_tracking(autoscaling: Autoscaling) -> dict[str, Any]:
    return {
        "TargetValue": autoscaling.target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": autoscaling.scale_in_cooldown,
        "ScaleOutCooldown": autoscaling.scale_out_cooldown,
    }


def find_policy(scaling: Any, resource: str) -> dict[str, Any] | None:
    found = scaling.describe_scaling_policies(ServiceNamespace=NAMESPACE, ResourceId=resource, PolicyNames=[POLICY])
    return next(iter(found["ScalingPolicies"]), None)


def existing_alarms(cloudwatch: Any, scaling: Any, resource: str) -> tuple[str, ...]:
    """Names of the policy's alarms once all of them are really in CloudWatch, else nothing."""
    policy = find_policy(scaling, resource) or {}
    names = [alarm["AlarmName"] for alarm in policy.get("Alarms", [])]
    there = {alarm["AlarmName"] for alarm in cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]} if names else set()
    return tuple(names) if there == set(names) else ()

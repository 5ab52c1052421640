"""Autoscaling of an endpoint's variant: a scalable target with policies and their alarms."""

from datetime import datetime
from functools import partial

from pedigree.autoscaling.policies import STEP_POLICIES, alarm_name, policies, rule_of
from pedigree.autoscaling.target import ScaledResource, limits, schedule_request
from pedigree.aws.clients import ApplicationAutoScalingClient, CloudWatchClient, client
from pedigree.aws.resources.serving import DIMENSION, NAMESPACE, variant_id
from pedigree.aws.resources.table import SCALABLE_TARGET, SCALING_ALARM
from pedigree.aws.waiting import wait_until
from pedigree.settings import Autoscaling
from pedigree.values import Account, Endpoint, Outcome, ScalingPolicy

ALARM_SECONDS = 120


def register_autoscaling(account: Account, endpoint: Endpoint, autoscaling: Autoscaling) -> ScalingPolicy:
    """Register autoscaling and wait for the policies' alarms: a policy without alarms never acts."""
    scaling, cloudwatch = client(account.credentials, "application-autoscaling"), client(account.credentials, "cloudwatch")
    variant, wanted = ScaledVariant(scaling, cloudwatch, endpoint), policies(endpoint, autoscaling)
    outcomes = [
        variant.ensure_target(autoscaling, account),
        *variant.ensure_policies(wanted, account),
        *variant.ensure_schedules(
            [schedule_request(variant.id, each, each.min_instances, each.max_instances) for each in autoscaling.schedules]
        ),
    ]
    alarms = wait_until(partial(variant.alarms, wanted), bool, step="autoscaling", resource=variant.resource, seconds=ALARM_SECONDS)
    outcome: Outcome = next((done for done in ("created", "updated") if done in outcomes), "adopted")
    return ScalingPolicy(
        variant.resource,
        autoscaling.min_instances,
        autoscaling.max_instances,
        autoscaling.target,
        alarms,
        outcome,
        rule_of(autoscaling),
        tuple(schedule.name for schedule in autoscaling.schedules),
    )


def deregister_autoscaling(account: Account, endpoint: Endpoint) -> None:
    """Delete the scalable target and this project's alarms; do it before the endpoint, whose deletion leaves them behind."""
    SCALABLE_TARGET.delete(account, variant_id(endpoint.name, endpoint.variant))
    for policy in STEP_POLICIES:
        SCALING_ALARM.delete(account, alarm_name(endpoint.name, policy))


def has_scaled(account: Account, resource: str, *, since: datetime) -> bool:
    """Whether autoscaling has changed the number of instances since then (an aware datetime)."""
    scaling = client(account.credentials, "application-autoscaling")
    found = scaling.describe_scaling_activities(ServiceNamespace=NAMESPACE, ResourceId=resource, ScalableDimension=DIMENSION)
    return any(activity["StartTime"] >= since for activity in found["ScalingActivities"])


class ScaledVariant(ScaledResource):
    def __init__(self, scaling: ApplicationAutoScalingClient, cloudwatch: CloudWatchClient, endpoint: Endpoint) -> None:
        resource = variant_id(endpoint.name, endpoint.variant)
        super().__init__(scaling, cloudwatch, SCALABLE_TARGET, resource, owner=endpoint.name)

    def ensure_target(self, autoscaling: Autoscaling, account: Account) -> Outcome:
        scheduled = [limits(each.min_instances, each.max_instances) for each in autoscaling.schedules]
        return self.ensure_limits([limits(autoscaling.min_instances, autoscaling.max_instances), *scheduled], account)

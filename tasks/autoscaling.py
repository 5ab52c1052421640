"""Autoscaling of an endpoint's variant: a scalable target whose policies have their alarms."""

from functools import partial

from prefect import task

from tasks.aws.clients import client
from tasks.aws.tasking import AWS_TASK
from tasks.aws.waiting import wait_until
from tasks.kinds.serving import variant_id
from tasks.kinds.table import SCALABLE_TARGET, SCALING_ALARM
from tasks.scaling.policies import STEP_POLICIES, alarm_name, policies, rule_of
from tasks.scaling.target import schedule_request
from tasks.scaling.variant import ScaledVariant
from tasks.settings import Autoscaling
from tasks.values import Account, Endpoint, Outcome, ScalingPolicy

ALARM_SECONDS = 120


@task(name="register autoscaling", **AWS_TASK)
def register_autoscaling(account: Account, endpoint: Endpoint, autoscaling: Autoscaling) -> ScalingPolicy:
    """Done when the policies' alarms exist: a policy without alarms never fires."""
    scaling, cloudwatch = (client(account.credentials, service) for service in ("application-autoscaling", "cloudwatch"))
    variant, wanted = ScaledVariant(scaling, cloudwatch, endpoint), policies(endpoint, autoscaling)
    outcomes = [
        variant.ensure_target(autoscaling, account),
        *variant.ensure_policies(wanted, account),
        *variant.ensure_schedules([schedule_request(each, each.min_instances, each.max_instances) for each in autoscaling.schedules]),
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
    """Take all of it away, our alarms included; it must go before its endpoint, which would leave it behind."""
    SCALABLE_TARGET.delete(account, variant_id(endpoint.name, endpoint.variant))
    for policy in STEP_POLICIES:
        SCALING_ALARM.delete(account, alarm_name(endpoint.name, policy))

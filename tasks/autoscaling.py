"""Autoscaling of the endpoint."""

from pedigree.autoscaling import variant
from pedigree.settings import Autoscaling
from pedigree.values import Account, Endpoint, ScalingPolicy
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("autoscaling", of="{endpoint.name}", **AWS_TASK)
def register_autoscaling(account: Account, endpoint: Endpoint, autoscaling: Autoscaling) -> ScalingPolicy:
    """Register the scalable target, policies and schedules of the endpoint's variant, and wait for the alarms of the policies."""
    return variant.register_autoscaling(account, endpoint, autoscaling)

"""The alarms on what is live, put where they are not there as wanted."""

from typing import TYPE_CHECKING

from pedigree.aws.alarms import ensure_alarms, metrics_in
from pedigree.settings import Mission
from pedigree.values import Account, Endpoint, FunctionVersion, Watch
from pedigree.watching.endpoint import endpoint_alarms
from pedigree.watching.function import function_alarms
from pedigree.watching.request import heard
from pedigree.watching.retrain import hours_watched

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef


def watch_live(account: Account, endpoint: Endpoint, function: FunctionVersion, mission: Mission) -> Watch:
    """Put the alarms on endpoint and function; people hear of the beginning and of the end of each through the topic.

    The alarms that roll an update back have no action: they judge a single minute, and the run announces what it took back. Those of
    autoscaling are on every night.
    """
    wanted = alarms(endpoint.name, endpoint.variant, function.alias, mission)
    outcome = ensure_alarms(account, endpoint.name, [heard(request, account.topic) for request in wanted])
    return Watch(endpoint.name, tuple(request["AlarmName"] for request in wanted), outcome)


def alarms(endpoint: str, variant: str, alias: str, mission: Mission) -> "list[PutMetricAlarmInputTypeDef]":
    """The alarms on an endpoint and the function of its name."""
    return [
        *endpoint_alarms(endpoint, variant, mission.serving.guardrails, mission.autoscaling),
        *function_alarms(endpoint, alias, mission.function),
    ]


def billed_metrics(mission: Mission) -> int:
    """How many metrics AWS bills for all alarms of a mission."""
    return sum(map(metrics_in, alarms("endpoint", "variant", "alias", mission))) + bool(hours_watched(mission.retrained_every_hours))

"""Scaling policies that somebody else made for what this project scales."""

from pedigree.autoscaling.policies import policies
from pedigree.autoscaling.variant import ScaledVariant
from pedigree.aws.clients import client
from pedigree.aws.naming import endpoint_name
from pedigree.endpoint.config import VARIANT
from pedigree.function.scaling import ScaledFunction
from pedigree.settings import Mission
from pedigree.values import Account, Endpoint


def require_policies(account: Account, mission: Mission) -> None:
    """Raise SpecDiffers when another policy tracks a metric that this run scales the endpoint or its function by."""
    scaling, cloudwatch = client(account.credentials, "application-autoscaling"), client(account.credentials, "cloudwatch")
    endpoint = Endpoint(endpoint_name(account.project, mission.serving), "", VARIANT, "", "adopted")
    ScaledVariant(scaling, cloudwatch, endpoint).require_no_other(policies(endpoint, mission.autoscaling))
    ScaledFunction(account, endpoint.name).require_no_other(mission.function)

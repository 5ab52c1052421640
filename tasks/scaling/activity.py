"""What autoscaling has done."""

from datetime import datetime

from tasks.aws.clients import client
from tasks.kinds.serving import DIMENSION, NAMESPACE
from tasks.values import Account


def has_scaled(account: Account, resource: str, *, since: datetime) -> bool:
    """Whether the number of instances is autoscaling's doing since then (aware)."""
    scaling = client(account.credentials, "application-autoscaling")
    found = scaling.describe_scaling_activities(ServiceNamespace=NAMESPACE, ResourceId=resource, ScalableDimension=DIMENSION)
    return any(activity["StartTime"] >= since for activity in found["ScalingActivities"])

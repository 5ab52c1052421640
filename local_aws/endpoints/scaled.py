"""The variants that autoscaling changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.cloud import Cloud
from local_aws.endpoints.container import invalid
from local_aws.endpoints.endpoint import Endpoint
from local_aws.rules import rule

DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@rule(
    "SageMaker UpdateEndpoint",
    "The instance type of a variant that is a scalable target cannot change: deregister the target, update, and register it again.",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html",
)
def scaled_instance_type(cloud: Cloud, endpoint: Endpoint, settings: Sequence[Mapping[str, Any]]) -> None:
    """Raise ValidationException when the settings change or remove the instance type of a scalable target."""
    wanted = {setting["VariantName"]: setting["InstanceType"] for setting in settings}
    changed = [variant.name for variant in endpoint.variants if wanted.get(variant.name) != variant.instance_type]
    targets = cloud.books("applicationautoscaling").targets.get(DIMENSION, {}) if changed else {}
    scaled = [name for name in changed if f"endpoint/{endpoint.name}/variant/{name}" in targets]
    if scaled:
        raise invalid(
            f'The variant(s) "[{", ".join(scaled)}]" must be deregistered as scalable targets with AWS Auto Scaling before removing or '
            "changing their instance type."
        )

"""The instance types that SageMaker offers for a use, by AWS's own model of the service."""

from difflib import get_close_matches
from functools import cache
from typing import Annotated

from pydantic import AfterValidator

from pedigree.settings.service_models import service_model

ENUMERATIONS = {"training": "TrainingInstanceType", "endpoint": "ProductionVariantInstanceType", "transform": "TransformInstanceType"}
BURSTABLE = ("ml.t2.", "ml.t3.", "ml.t4g.")  # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html


@cache
def instance_types(use: str) -> tuple[str, ...]:
    """The instance types of a use: training, endpoint or transform."""
    return tuple(service_model("sagemaker").shape_for(ENUMERATIONS[use]).enum)


def require_offered(name: str, use: str) -> str:
    """Return the name of an instance type that SageMaker has for the use; ValueError names the nearest ones."""
    offered = instance_types(use)
    if name in offered:
        return name
    if f"ml.{name}" in offered:
        raise ValueError(f"{name} is a type of EC2: SageMaker calls it ml.{name}")
    near = get_close_matches(name, offered) or ["ml.m5.xlarge"]
    elsewhere = [other for other in ENUMERATIONS if name in instance_types(other)]
    known = f"SageMaker has {name} for {' and '.join(elsewhere)} only" if elsewhere else f"SageMaker has no instance type {name}"
    raise ValueError(f"{known}: choose {' or '.join(near)} for {use}, or update botocore where AWS offers it by now")


def offered_for_training(name: str) -> str:
    return require_offered(name, "training")


def offered_for_transform(name: str) -> str:
    return require_offered(name, "transform")


def scalable(name: str) -> str:
    """Return the name of a type for endpoints; AWS registers no scalable target on a burstable one, after the endpoint has been made."""
    if require_offered(name, "endpoint").startswith(BURSTABLE):
        raise ValueError(f"{name} is burstable and cannot be scaled automatically: choose a type of another family, such as ml.m5.large")
    return name


TrainingType = Annotated[str, AfterValidator(offered_for_training)]
EndpointType = Annotated[str, AfterValidator(scalable)]
TransformType = Annotated[str, AfterValidator(offered_for_transform)]

"""The instance types that cannot be scaled."""

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Serving

BURSTABLE = ("t2", "t3", "t4g")  # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html


def require_scalable(serving: Serving) -> None:
    """InvalidInput for a burstable type: AWS registers no scalable target on it, after the endpoint has been made."""
    if serving.instance_type.removeprefix("ml.").partition(".")[0] in BURSTABLE:
        raise InvalidInput(
            "plan costs",
            serving.instance_type,
            "burstable instances cannot be scaled automatically",
            "choose a serving.instance_type of another family, such as ml.m5.large",
        )

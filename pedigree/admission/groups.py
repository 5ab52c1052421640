"""Rules between groups of settings, or between settings and the account's region: pure functions."""

from collections.abc import Mapping
from typing import Any

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Mission
from pedigree.settings.images import EXAMPLE, LOCAL, region_of
from pedigree.training.trainable import require_trainable
from pedigree.training.ways import ways_of
from pedigree.values import Account

STEP = "plan"


def require_agreement(account: Account, mission: Mission, counts: Mapping[str, int]) -> None:
    """Raise InvalidInput for instances that autoscaling would take away, an unreachable image, or a training that must fail."""
    require_instances(mission)
    training, serving = mission.training, mission.serving
    require_image(account, "training.image", training.image, training.extra.get("AlgorithmSpecification"), "TrainingImageConfig")
    require_image(account, "serving.image", serving.image, serving.extra_model.get("PrimaryContainer"), "ImageConfig")
    for way in ways_of(training, mission.ec2):
        require_trainable(way.training, counts)


def require_instances(mission: Mission) -> None:
    count, most = mission.serving.initial_instance_count, mission.autoscaling.max_instances
    if count > most:
        cause = f"it is {count}, and autoscaling.max_instances is {most}, so that autoscaling would take instances away at once"
        raise InvalidInput(STEP, "serving.initial_instance_count", cause, "lower it, or raise autoscaling.max_instances")


def require_image(account: Account, setting: str, uri: str | None, further: Mapping[str, Any] | None, registry: str) -> None:
    """InvalidInput for an image in another region, or outside of ECR where no further field names the `registry` settings.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
    """
    if not uri or uri.startswith(LOCAL):
        return
    region = region_of(uri)
    if region is None and registry not in (further or {}):
        raise InvalidInput(STEP, uri, "SageMaker pulls images from ECR only", f"push it to ECR and set {setting} to such as {EXAMPLE}")
    if region not in (None, account.region):
        cause = f"it is in {region}, and the run is in {account.region}: SageMaker takes images of its own region only"
        raise InvalidInput(STEP, uri, cause, f"push the image to {account.region} and set {setting} to its address there")

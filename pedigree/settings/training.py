"""How the model is trained."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pedigree.settings.architectures import SMALL, Architecture
from pedigree.settings.base import Settings
from pedigree.settings.extra import ExtraTrainingJob
from pedigree.settings.images import Image
from pedigree.settings.instance_types import TrainingType


class Training(Settings):
    """The training job; its result and name depend on all fields except `compare`, `retry_failed`, and where and how long it runs."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "retry_failed": "the orchestrator starts another attempt with it, by the same request",
    }

    epochs: Annotated[
        int,
        Field(ge=1, le=1000, description="Passes over the training split; the job keeps the epoch that is best on the validation split."),
    ] = 10
    architecture: Architecture = Field("resnet50", description="Network: small_cnn, or a classifier of torchvision.")
    image_size: Annotated[int, Field(ge=16, le=1024, description="Pixels on each side.")] = 224
    batch_size: Annotated[int, Field(ge=1, le=4096, description="Images in one step, over all instances.")] = 64
    learning_rate: Annotated[float, Field(gt=0, le=1, description="Highest learning rate; it decreases over the epochs.")] = 1e-3
    pretrained: bool = Field(default=True, description="Start from ImageNet weights, which the training job downloads.")
    weights: str = Field(
        "",
        description="File with these weights, for a job that cannot download them: a path, https:// or s3:// address of a state dict as "
        "torchvision publishes it. Empty: the job downloads them.",
    )
    freeze_backbone: bool = Field(default=True, description="Train only the last layer.")
    seed: Annotated[int, Field(ge=0, description="Seed of the weights, the order and the augmentation.")] = 0
    instance_type: TrainingType = Field("ml.g4dn.xlarge", description="SageMaker instance type of the training job.")
    instance_count: Annotated[
        int, Field(ge=1, le=20, description="Instances that train one model together, each with a share of every batch.")
    ] = 1
    fallback_instance_types: tuple[TrainingType, ...] = Field(
        (), description="Instance types to try in this order when AWS has no capacity for `instance_type`."
    )
    spot: bool = Field(
        default=False,
        description="Train on spot instances: cheaper, up to an hour longer; after an interruption the job continues from its checkpoint.",
    )
    compare: bool = Field(default=False, description="Train on one instance too, at the same time, and choose the better model.")
    max_runtime_seconds: Annotated[int, Field(ge=60, le=432_000, description="SageMaker stops the job after this time.")] = 7200
    volume_gb: Annotated[int, Field(ge=1, le=16_384, description="Disk of each training instance.")] = 30
    image: Image | None = Field(
        None, description="Container image for training; empty for AWS's PyTorch image of this region and instance type."
    )
    fresh: str = Field("", description="Any new word starts a new training with the same settings.")
    retry_failed: bool = Field(default=False, description="Start a job again that failed or was stopped before.")
    extra: ExtraTrainingJob = Field({})

    @model_validator(mode="after")
    def there_is_something_to_compare(self) -> Self:
        if self.compare and self.instance_count == 1:
            raise ValueError("compare trains on one instance beside several: set instance_count to 2 or more")
        return self

    @model_validator(mode="after")
    def there_is_something_to_start_from(self) -> Self:
        if self.weights and self.architecture == SMALL:
            raise ValueError(f"{SMALL} always starts from random weights: leave weights empty, or choose a larger network")
        if self.weights and not self.pretrained:
            raise ValueError("weights are what a pretrained network starts from: set pretrained to true, or leave weights empty")
        return self

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The wanted instance type, then the fallback types in their order."""
        return (self.instance_type, *self.fallback_instance_types)

    def on(self, instance_type: str) -> Self:
        return self.model_copy(update={"instance_type": instance_type})

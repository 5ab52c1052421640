"""How the model is trained."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pedigree.settings.architectures import Architecture
from pedigree.settings.base import Settings
from pedigree.settings.extra import ExtraTrainingJob


class Training(Settings):
    """How the model is trained. All but where and how long it runs, `compare` and `retry_failed`, decides the outcome, and so the name."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "retry_failed": "the orchestrator starts another attempt with it, by the same request",
    }

    epochs: Annotated[int, Field(ge=1, le=1000, description="Passes over the training split; the best one on valid is kept.")] = 10
    architecture: Architecture = Field("resnet50", description="The network: small_cnn, or a classifier of torchvision.")
    image_size: Annotated[int, Field(ge=16, le=1024, description="Pixels on each side.")] = 224
    batch_size: Annotated[int, Field(ge=1, le=4096, description="Images a step, over all instances.")] = 64
    learning_rate: Annotated[float, Field(gt=0, le=1, description="The highest one; it is annealed over the epochs.")] = 1e-3
    pretrained: bool = Field(default=True, description="Begin from ImageNet weights, which the training job downloads.")
    freeze_backbone: bool = Field(default=True, description="Train the last layer only.")
    seed: Annotated[int, Field(ge=0, description="Decides weights, order and augmentation.")] = 0
    instance_type: str = Field("ml.g4dn.xlarge", description="SageMaker instance type of the training job.")
    instance_count: Annotated[
        int, Field(ge=1, le=20, description="Instances that train one model together, each on its share of every batch.")
    ] = 1
    fallback_instance_types: tuple[str, ...] = Field((), description="Tried in this order where AWS has no capacity for `instance_type`.")
    spot: bool = Field(
        default=False, description="On spot instances: cheaper, may take an hour longer; interrupted, it goes on from its checkpoint."
    )
    compare: bool = Field(default=False, description="Train on one instance too, side by side, and take the better model.")
    max_runtime_seconds: Annotated[int, Field(ge=60, le=432_000, description="SageMaker stops the job after this time.")] = 7200
    volume_gb: Annotated[int, Field(ge=1, le=16_384, description="Disk of each training instance.")] = 30
    image: str | None = Field(None, description="Training image; empty for AWS's PyTorch image of this region and instance type.")
    fresh: str = Field("", description="Any new word trains again although nothing changed.")
    retry_failed: bool = Field(default=False, description="Try again where the same job failed or was stopped before.")
    extra: ExtraTrainingJob = Field({})

    @model_validator(mode="after")
    def there_is_something_to_compare(self) -> Self:
        if self.compare and self.instance_count == 1:
            raise ValueError("compare trains on one instance beside several: set instance_count to 2 or more")
        return self

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The wanted one and those in its place, in their order."""
        return (self.instance_type, *self.fallback_instance_types)

    def on(self, instance_type: str) -> Self:
        return self.model_copy(update={"instance_type": instance_type})

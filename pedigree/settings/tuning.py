"""The fields that `tune` varies."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pedigree.settings.architectures import Architecture
from pedigree.settings.base import Settings


class Tuning(Settings):
    """The fields that `tune` varies. Every trial has the other settings of `training`, `epochs` too; its seed decides the proposals."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "trials": "a study continues where one with fewer trials ended",
        "parallel": "the orchestrator runs this many trials at a time",
        "prune": "the orchestrator stops trials with it",
    }

    trials: Annotated[int, Field(ge=1, le=500, description="Number of training jobs; a higher number continues an earlier study.")] = 12
    parallel: Annotated[int, Field(ge=1, le=50, description="Trials at a time, each on its own instances.")] = 2
    min_learning_rate: Annotated[float, Field(gt=0, le=1, description="Lowest learning rate to try; the scale is logarithmic.")] = 1e-4
    max_learning_rate: Annotated[float, Field(gt=0, le=1, description="Highest learning rate to try.")] = 3e-2
    batch_sizes: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (16, 32, 64, 128), description="Batch sizes to try; empty for the batch size of `training`."
    )
    freeze_backbone: tuple[bool, ...] = Field((), description="true and false to try both; empty for the value of `training`.")
    architectures: tuple[Architecture, ...] = Field((), description="Networks to try; empty for the network of `training`.")
    prune: bool = Field(default=True, description="Stop a trial whose validation loss is worse than the median of the others.")

    @model_validator(mode="after")
    def lowest_is_no_more_than_highest(self) -> Self:
        if self.min_learning_rate > self.max_learning_rate:
            raise ValueError(f"min_learning_rate {self.min_learning_rate} is more than max_learning_rate {self.max_learning_rate}")
        return self

"""What `tune` varies."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pedigree.settings.architectures import Architecture
from pedigree.settings.base import Settings


class Tuning(Settings):
    """What `tune` varies. The other settings of `training` hold for every trial, `epochs` too, and its seed decides the proposals."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "trials": "a study goes on where one of fewer trials ended",
        "parallel": "the orchestrator runs this many trials at a time",
        "prune": "the orchestrator stops trials with it",
    }

    trials: Annotated[int, Field(ge=1, le=500, description="Training jobs in all; a higher number goes on where a lower one ended.")] = 12
    parallel: Annotated[int, Field(ge=1, le=50, description="Trials at a time, each on its own instances.")] = 2
    min_learning_rate: Annotated[float, Field(gt=0, le=1, description="The lowest one tried; the scale is logarithmic.")] = 1e-4
    max_learning_rate: Annotated[float, Field(gt=0, le=1, description="The highest one tried.")] = 3e-2
    batch_sizes: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (16, 32, 64, 128), description="Those tried; none for that of the training."
    )
    freeze_backbone: tuple[bool, ...] = Field((), description="true and false to try both; none for that of the training.")
    architectures: tuple[Architecture, ...] = Field((), description="Those tried; none for that of the training.")
    prune: bool = Field(default=True, description="Stop a trial whose validation loss is worse than the median of the others.")

    @model_validator(mode="after")
    def lowest_is_no_more_than_highest(self) -> Self:
        if self.min_learning_rate > self.max_learning_rate:
            raise ValueError(f"min_learning_rate {self.min_learning_rate} is more than max_learning_rate {self.max_learning_rate}")
        return self

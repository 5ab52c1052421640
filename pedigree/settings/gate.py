"""The scores that a model must reach."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pedigree.settings.base import Settings


class Gate(Settings):
    """The scores that a model must reach to be registered. It must always beat the majority-class baseline."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "min_accuracy": "the gate decides with it whether a model is registered",
        "against_champion": "the gate decides with it whether a model is registered",
        "classes": "the plan decides with it whether a model is trained",
    }

    min_accuracy: Annotated[float, Field(ge=0, le=1, description="Minimum share of right answers on the test split.")] = 0.0
    against_champion: Annotated[
        Literal["surely better", "better", "not worse", "ignored"],
        Field(
            title="Against the champion",
            description="Comparison with the live model on the test images; surely better: the 95% interval of the difference is above 0.",
        ),
    ] = "not worse"
    classes: Annotated[
        Literal["keep", "replace"],
        Field(
            description="keep: a dataset that lacks a class of the live model is refused; replace: the new model may know other classes. "
            "Additional classes are always allowed."
        ),
    ] = "keep"

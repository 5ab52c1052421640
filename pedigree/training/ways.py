"""The ways to train that a run was asked for: each is a stage of its own, and they run side by side."""

from dataclasses import dataclass
from typing import Literal

from pedigree.settings import Ec2, Training
from pedigree.training.ec2.launch import on_one_instance

SELECTION = "selection"


@dataclass(frozen=True)
class Way:
    """One training of a run: the stage that it is, what it trains with, and the settings of its machine where that is EC2's."""

    stage: str
    training: Training
    ec2: Ec2 | None = None

    @property
    def use(self) -> Literal["training", "ec2"]:
        """The use under which AWS prices the instances."""
        return "ec2" if self.ec2 else "training"


def ways_of(training: Training, ec2: Ec2) -> tuple[Way, ...]:
    """The first is the training as it was asked for."""
    alone = training.model_copy(update={"instance_count": 1, "compare": False})
    compared = (Way("training on one instance", alone),) if training.compare else ()
    elsewhere = (Way("training on EC2", on_one_instance(alone, ec2), ec2),) if ec2.enabled else ()
    return (Way("training", training), *compared, *elsewhere)


def training_stages(training: Training, ec2: Ec2) -> tuple[str, ...]:
    """The trainings, and where there are several the choice between them."""
    stages = tuple(way.stage for way in ways_of(training, ec2))
    return (*stages, SELECTION) if len(stages) > 1 else stages

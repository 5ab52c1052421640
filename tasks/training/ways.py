"""The ways to train that a run was asked for: each is a stage of its own, and they run side by side."""

from dataclasses import dataclass

from tasks.settings import Training

SELECTION = "selection"


@dataclass(frozen=True)
class Way:
    """One training of a run: the stage that it is, and what it trains with."""

    stage: str
    training: Training


def ways_of(training: Training) -> tuple[Way, ...]:
    asked = Way("training", training)
    if not training.compare:
        return (asked,)
    return asked, Way("training on one instance", training.model_copy(update={"instance_count": 1, "compare": False}))


def training_stages(training: Training) -> tuple[str, ...]:
    """The trainings, and where there are several the choice between them."""
    stages = tuple(way.stage for way in ways_of(training))
    return (*stages, SELECTION) if len(stages) > 1 else stages

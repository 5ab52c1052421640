"""What is varied, and how: pure functions of the settings."""

from typing import TYPE_CHECKING, Any

from pedigree.settings import Training, Tuning

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


LEARNING_RATE = "learning_rate"
Parameters = dict[str, Any]


def choices(tuning: Tuning) -> dict[str, tuple[Any, ...]]:
    """{setting of the training: the values to choose from}, of those that have any."""
    asked = {"batch_size": tuning.batch_sizes, "freeze_backbone": tuning.freeze_backbone, "architecture": tuning.architectures}
    return {name: values for name, values in asked.items() if values}


def search_space(tuning: Tuning) -> "dict[str, BaseDistribution]":
    # optuna is imported where it is needed: it is slow to import, and every flow is loaded to be registered
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    rates = FloatDistribution(tuning.min_learning_rate, tuning.max_learning_rate, log=True)
    return {LEARNING_RATE: rates} | {name: CategoricalDistribution(values) for name, values in choices(tuning).items()}


def starting_point(training: Training, tuning: Tuning) -> Parameters:
    """What the settings are now, as far as it lies within the space: the first trial, which all others have to beat."""
    inside = {name for name, values in choices(tuning).items() if getattr(training, name) in values}
    if tuning.min_learning_rate <= training.learning_rate <= tuning.max_learning_rate:
        inside.add(LEARNING_RATE)
    return {name: getattr(training, name) for name in inside}


def with_parameters(training: Training, parameters: Parameters) -> Training:
    """The training that tries these."""
    return Training.model_validate(training.model_dump() | parameters)

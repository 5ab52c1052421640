"""The search space of a study: pure functions of the settings."""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Training, Tuning
from pedigree.training.trainable import require_trainable

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


LEARNING_RATE = "learning_rate"
Parameters = dict[str, Any]


def choices(tuning: Tuning) -> dict[str, tuple[Any, ...]]:
    """{training field: values to choose from}, for every field with values."""
    asked = {"batch_size": tuning.batch_sizes, "freeze_backbone": tuning.freeze_backbone, "architecture": tuning.architectures}
    return {name: values for name, values in asked.items() if values}


def search_space(tuning: Tuning) -> "dict[str, BaseDistribution]":
    # optuna is imported here because its import is slow, and every flow is loaded for its registration
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    rates = FloatDistribution(tuning.min_learning_rate, tuning.max_learning_rate, log=True)
    return {LEARNING_RATE: rates} | {name: CategoricalDistribution(values) for name, values in choices(tuning).items()}


def starting_point(training: Training, tuning: Tuning) -> Parameters:
    """The current settings that lie within the space: they are the first trial, which the others must beat."""
    inside = {name for name, values in choices(tuning).items() if getattr(training, name) in values}
    if tuning.min_learning_rate <= training.learning_rate <= tuning.max_learning_rate:
        inside.add(LEARNING_RATE)
    return {name: getattr(training, name) for name in inside}


def with_parameters(training: Training, parameters: Parameters) -> Training:
    """The training with these parameters."""
    return Training.model_validate(training.model_dump() | parameters)


def require_trials_trainable(training: Training, tuning: Tuning, counts: Mapping[str, int]) -> None:
    """Raise InvalidInput when a trial that the study may propose could only fail; `counts` is {split: images}, or empty."""
    varied = choices(tuning)
    if training.weights and set(tuning.architectures) - {training.architecture}:
        cause = f"one file of weights fits one architecture, and the study varies it: {', '.join(tuning.architectures)}"
        raise InvalidInput("plan study", "training.weights", cause, "leave tuning.architectures or training.weights empty")
    for values in product(*varied.values()):
        require_trainable(with_parameters(training, dict(zip(varied, values, strict=True))), counts)

"""The gate between a trained model and the registry: chance beyond doubt, the floor, and the champion."""

from collections.abc import Callable
from math import exp, lgamma, log

from prefect import task

from tasks.aws.errors import GateRefused
from tasks.report.interval import paired_interval
from tasks.settings import Gate
from tasks.values import Candidate, Comparison, Evaluation, TrainedModel

DOUBT = 0.01  # how often a model that only guesses may pass

BEATS: dict[str, Callable[[Comparison], bool]] = {
    "surely better": lambda comparison: interval(comparison)[0] > 0,
    "better": lambda comparison: comparison.gained > comparison.lost,
    "not worse": lambda comparison: comparison.gained >= comparison.lost,
    "ignored": lambda _: True,
}


@task(name="pass gate")
def pass_gate(trained: TrainedModel, comparison: Comparison, gate: Gate) -> Candidate:
    """The model as a candidate for the registry; GateRefused says by how much it falls short."""
    evaluation = trained.evaluation
    accuracy, chance = evaluation.accuracy, evaluation.chance
    luck = probability_of_luck(evaluation)
    if luck >= DOUBT:
        by_luck = f"guessing reaches as much {luck:.0%} of the time"
        cause = f"accuracy {accuracy:.1%} on {evaluation.images} test images is not above chance, {chance:.1%}: {by_luck}"
        raise GateRefused("gate", trained.job_name, cause, "train longer, or look at the images and their labels")
    if accuracy < gate.min_accuracy:
        cause = f"accuracy {accuracy:.1%} is {gate.min_accuracy - accuracy:.1%} below the floor of {gate.min_accuracy:.1%}"
        raise GateRefused("gate", trained.job_name, cause, "train longer, or lower gate.min_accuracy")
    if comparison.images and not BEATS[gate.against_champion](comparison):
        cause = f"{in_words(comparison)}, where gate.against_champion asks for `{gate.against_champion}`"
        raise GateRefused("gate", trained.job_name, cause, "train longer or on more images, or ask for less of gate.against_champion")
    return Candidate(trained, accuracy, chance, comparison)


def in_words(comparison: Comparison) -> str:
    """Both models on the same images, with the difference and its exact 95% interval."""
    assert comparison.champion, "images are only compared with a champion"
    difference = (comparison.gained - comparison.lost) / comparison.images
    low, high = interval(comparison)
    return (
        f"right on {comparison.candidate_correct} of {comparison.images} test images, "
        f"while {comparison.champion.training_job}, which is live, is right on {comparison.champion_correct} "
        f"({comparison.gained} gained, {comparison.lost} lost): difference {difference:+.1%}, 95% interval {low:+.1%} to {high:+.1%}"
    )


def interval(comparison: Comparison) -> tuple[float, float]:
    return paired_interval(comparison.gained, comparison.lost, comparison.images)


def probability_of_luck(evaluation: Evaluation) -> float:
    """Probability that guessing at chance level is right at least as often: the upper tail of the binomial distribution."""
    images, chance = evaluation.images, evaluation.chance
    if chance >= 1:
        return 1.0
    return sum(exp(log_probability(k, images, chance)) for k in range(evaluation.correct, images + 1))


def log_probability(hits: int, tries: int, chance: float) -> float:
    ways = lgamma(tries + 1) - lgamma(hits + 1) - lgamma(tries - hits + 1)
    return ways + hits * log(chance) + (tries - hits) * log(1 - chance)

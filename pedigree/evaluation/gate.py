"""The gate between a trained model and the registry: the majority-class baseline beyond doubt, the floor, and the champion."""

from collections.abc import Callable
from itertools import accumulate
from math import exp, lgamma, log

from pedigree.aws.errors import GateRefused
from pedigree.settings import Gate
from pedigree.statistics import paired_interval, share_with_interval
from pedigree.text import of_shared_classes
from pedigree.trained_model import Candidate, Comparison, Evaluation, TrainedModel

DOUBT = 0.01  # how often a model that only guesses may pass
BEATS: dict[str, Callable[[Comparison], bool]] = {
    "surely better": lambda comparison: interval(comparison)[0] > 0,
    "better": lambda comparison: comparison.gained > comparison.lost,
    "not worse": lambda comparison: comparison.gained >= comparison.lost,
}


def pass_gate(trained: TrainedModel, comparison: Comparison, gate: Gate) -> Candidate:
    """The model as a candidate for the registry; GateRefused says by how much it falls short in the evaluation job."""
    evaluation = comparison.evaluation
    reasons = (against_baseline(evaluation), against_floor(evaluation, gate.min_accuracy), against_champion(comparison, gate))
    for cause, action in filter(None, reasons):
        raise GateRefused("gate", trained.job_name, cause, action)
    return Candidate(trained, comparison)


Refusal = tuple[str, str] | None  # cause, and what to do


def against_baseline(evaluation: Evaluation) -> Refusal:
    """A model that always gives one answer is never above the majority-class baseline."""
    luck = probability_of_luck(evaluation)
    if luck < DOUBT:
        return None
    answers, enough = answers_of(evaluation), least_beyond_doubt(evaluation)
    only = f"it calls every image {answers[0]}: " if len(answers) == 1 else ""
    above = f"is not above the majority-class baseline, {evaluation.baseline:.1%}"
    cause = f"{only}{measured(evaluation)} {above}: guessing reaches as much {luck:.0%} of the time"
    if enough is None:
        return f"{cause}, and so few images cannot show more", "put more images into the test split"
    return f"{cause}; {enough} right would do, {enough - evaluation.correct} more", "train longer, or look at the images and their labels"


def against_floor(evaluation: Evaluation, floor: float) -> Refusal:
    if evaluation.accuracy >= floor:
        return None
    cause = f"{measured(evaluation)} is {floor - evaluation.accuracy:.1%} below the floor of {floor:.1%}"
    return cause, "train longer, or lower gate.min_accuracy"


def against_champion(comparison: Comparison, gate: Gate) -> Refusal:
    if comparison.champion is None or comparison.already_live or gate.against_champion == "ignored":
        return None
    if not comparison.images:
        cause = f"no test image has a class that {comparison.champion.training_job}, which is live, knows too"
        return cause, "set gate.against_champion to `ignored` to put the model over it without a comparison"
    if BEATS[gate.against_champion](comparison):
        return None
    cause = f"{in_words(comparison)}, where gate.against_champion asks for `{gate.against_champion}`"
    return cause, "train longer or on more images, or ask for less of gate.against_champion"


def measured(evaluation: Evaluation) -> str:
    return f"accuracy {share_with_interval(evaluation.correct, evaluation.images)} on {evaluation.images} test images"


def answers_of(evaluation: Evaluation) -> list[str]:
    """The classes that the model ever answers."""
    columns = zip(*evaluation.confusion, strict=True)
    return [name for name, column in zip(evaluation.classes, columns, strict=True) if any(column)]


def in_words(comparison: Comparison) -> str:
    """Both models on the same images, with the difference and its exact 95% interval."""
    assert comparison.champion, "images are only compared with a champion"
    difference = (comparison.gained - comparison.lost) / comparison.images
    low, high = interval(comparison)
    where = of_shared_classes(comparison.classes, comparison.added, comparison.missing)
    return (
        f"right on {comparison.candidate_correct} of {comparison.images} test images{where}, "
        f"while {comparison.champion.training_job}, which is live, is right on {comparison.champion_correct} "
        f"({comparison.gained} gained, {comparison.lost} lost): difference {difference:+.1%}, 95% interval {low:+.1%} to {high:+.1%}"
    )


def interval(comparison: Comparison) -> tuple[float, float]:
    return paired_interval(comparison.gained, comparison.lost, comparison.images)


def probability_of_luck(evaluation: Evaluation) -> float:
    """Probability that guessing with the accuracy of the baseline is right at least as often."""
    return upper_tails(evaluation)[evaluation.correct]


def least_beyond_doubt(evaluation: Evaluation) -> int | None:
    """Fewest right answers that guessing reaches less often than DOUBT; None where not even all of them are so few."""
    return next((hits for hits, tail in enumerate(upper_tails(evaluation)) if tail < DOUBT), None)


def upper_tails(evaluation: Evaluation) -> list[float]:
    """The binomial distribution of guessing: the probability of at least 0, 1, ... right answers."""
    images, baseline = evaluation.images, evaluation.baseline
    if baseline >= 1:
        return [1.0] * (images + 1)
    falling = accumulate(exp(log_probability(hits, images, baseline)) for hits in range(images, -1, -1))
    return list(falling)[::-1]


def log_probability(hits: int, tries: int, share: float) -> float:
    ways = lgamma(tries + 1) - lgamma(hits + 1) - lgamma(tries - hits + 1)
    return ways + hits * log(share) + (tries - hits) * log(1 - share)

"""The gate between a trained model and the registry: it must beat chance beyond doubt, and reach the floor."""

from math import exp, lgamma, log

from prefect import task

from tasks.aws.errors import GateRefused
from tasks.settings import Gate
from tasks.values import Candidate, Evaluation, TrainedModel

DOUBT = 0.01  # how often a model that only guesses may pass


@task(name="pass gate")
def pass_gate(model: TrainedModel, gate: Gate) -> Candidate:
    """The model as a candidate for the registry; GateRefused says by how much it falls short."""
    evaluation = model.evaluation
    accuracy, chance = evaluation.accuracy, evaluation.chance
    luck = probability_of_luck(evaluation)
    if luck >= DOUBT:
        by_luck = f"guessing reaches as much {luck:.0%} of the time"
        cause = f"accuracy {accuracy:.1%} on {evaluation.images} test images is not above chance, {chance:.1%}: {by_luck}"
        raise GateRefused("gate", model.job_name, cause, "train longer, or look at the images and their labels")
    if accuracy < gate.min_accuracy:
        cause = f"accuracy {accuracy:.1%} is {gate.min_accuracy - accuracy:.1%} below the floor of {gate.min_accuracy:.1%}"
        raise GateRefused("gate", model.job_name, cause, "train longer, or lower gate.min_accuracy")
    return Candidate(model, accuracy, chance)


def probability_of_luck(evaluation: Evaluation) -> float:
    """Probability that guessing at chance level is right at least as often: the upper tail of the binomial distribution."""
    images, chance = evaluation.images, evaluation.chance
    if chance >= 1:
        return 1.0
    return sum(exp(log_probability(k, images, chance)) for k in range(evaluation.correct, images + 1))


def log_probability(hits: int, tries: int, chance: float) -> float:
    ways = lgamma(tries + 1) - lgamma(hits + 1) - lgamma(tries - hits + 1)
    return ways + hits * log(chance) + (tries - hits) * log(1 - chance)

"""Which trial wins: by the lowest validation loss and nothing else. It must beat the majority-class baseline, or there is no winner."""

from collections.abc import Iterable, Sequence

from pedigree.aws.errors import GateRefused, JobFailed
from pedigree.evaluation.gate import DOUBT, probability_of_luck
from pedigree.tuning.trial import Trial


def choose_winner(trials: Sequence[Trial]) -> Trial:
    """JobFailed where no trial has completed; GateRefused where the best is no better than guessing on the validation split."""
    best = lowest_loss(trials)
    if best is None:
        reasons = "; ".join(f"trial {trial.number}: {trial.reason}" for trial in trials) or "none has begun"
        raise JobFailed("tune", "study", f"no trial has completed: {reasons}", "mend the cause, or try other learning rates")
    assert best.evaluation is not None, "a completed trial has one"
    tries = sum(trial.status == "completed" for trial in trials)
    luck = min(1.0, tries * probability_of_luck(best.evaluation))  # the best of all these guesses is looked at
    if luck >= DOUBT:
        cause = (
            f"trial {best.number} has the lowest validation loss, {best.loss:.4f}, but its accuracy {best.evaluation.accuracy:.1%}"
            f" on {best.evaluation.images} validation images is not above the majority-class baseline, {best.evaluation.baseline:.1%}:"
            f" the best of {tries} that only guess reaches as much up to {luck:.0%} of the time"
        )
        raise GateRefused("tune", best.job_name, cause, "try other learning rates or more epochs, or look at the images and their labels")
    return best


def lowest_loss(trials: Iterable[Trial]) -> Trial | None:
    """The best of the completed trials; of equals the first."""
    completed = [(trial.loss, trial.number, trial) for trial in trials if trial.status == "completed" and trial.loss is not None]
    return min(completed)[2] if completed else None

"""The choice of the winner: the lowest validation loss wins, if the trial beats the majority-class baseline."""

from collections.abc import Iterable, Sequence

from pedigree.aws.errors import GateRefused, JobFailed
from pedigree.evaluation.gate import DOUBT, probability_of_luck
from pedigree.tuning.trial import Trial


def choose_winner(trials: Sequence[Trial]) -> Trial:
    """Choose the winner; JobFailed when no trial completed, GateRefused when the best trial only guesses on the validation split."""
    best = lowest_loss(trials)
    if best is None:
        reasons = "; ".join(f"trial {trial.number}: {trial.reason}" for trial in trials) or "no trial has begun"
        raise JobFailed("tune", "study", f"no trial has completed: {reasons}", "repair the cause, or try other learning rates")
    assert best.evaluation is not None, "a completed trial has an evaluation"
    tries = sum(trial.status == "completed" for trial in trials)
    luck = min(
        1.0, tries * probability_of_luck(best.evaluation)
    )  # the winner is the best of all trials, so each of them could be the lucky guess
    if luck >= DOUBT:
        cause = (
            f"trial {best.number} has the lowest validation loss, {best.loss:.4f}, but its accuracy {best.evaluation.accuracy:.1%}"
            f" on {best.evaluation.images} validation images is not above the majority-class baseline, {best.evaluation.baseline:.1%}:"
            f" the best of {tries} trials that only guess reaches this accuracy up to {luck:.0%} of the time"
        )
        raise GateRefused("tune", best.job_name, cause, "try other learning rates or more epochs, or look at the images and their labels")
    return best


def lowest_loss(trials: Iterable[Trial]) -> Trial | None:
    """The best of the completed trials; the first when several are equal."""
    completed = [(trial.loss, trial.number, trial) for trial in trials if trial.status == "completed" and trial.loss is not None]
    return min(completed)[2] if completed else None

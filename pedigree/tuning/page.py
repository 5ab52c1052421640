"""The page of a study, in markdown: the winner or the reason for none, all trials, the figures, and the command for the next step."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from pedigree.aws.errors import PedigreeError
from pedigree.drawing import Figures
from pedigree.text import code, dollars, duration, fenced, figure_sections, table
from pedigree.tuning.spending import Spending
from pedigree.tuning.trial import Trial
from pedigree.tuning.winner import lowest_loss

MARKS = {"completed": "✓ completed", "pruned": "✂ pruned", "failed": "✗ failed"}


def render_page(trials: Sequence[Trial], verdict: Trial | PedigreeError, spending: Spending, figures: Figures, command: str) -> str:
    best = verdict.number if isinstance(verdict, Trial) else None
    parts = [
        f"**{headline(trials, verdict)}**",
        table(header(trials), [row(trial, spending, best=trial.number == best) for trial in trials]) if trials else "",
        "The objective is the mean loss over the validation images in the best epoch. No trial sees the test split.",
        *figure_sections(figures.urls, figures.not_drawn),
        "" if best is None else f"### Continue with the winner\n\n{fenced(command, 'sh')}",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def headline(trials: Sequence[Trial], verdict: Trial | PedigreeError) -> str:
    if isinstance(verdict, PedigreeError):
        return f"No winner: {verdict.cause}. {verdict.action[:1].upper()}{verdict.action[1:]}"
    assert verdict.evaluation is not None, "a winner has completed"
    chosen = ", ".join(f"{name} {shown(value)}" for name, value in verdict.parameters.items())
    accuracy = f"{verdict.evaluation.accuracy:.1%} on {verdict.evaluation.images} validation images"
    return f"Trial {verdict.number} of {len(trials)} wins: {chosen}; validation loss {verdict.loss:.4f}, accuracy {accuracy}"


def header(trials: Sequence[Trial]) -> list[str]:
    names = [name.replace("_", " ") for name in trials[0].parameters]
    return ["trial", *names, "validation loss", "accuracy", "epochs", "billed", "cost", "", "job"]


def row(trial: Trial, spending: Spending, *, best: bool) -> list[str]:
    usd = spending.cost(trial.billable_seconds)
    cells = [
        str(trial.number),
        *(shown(value) for value in trial.parameters.values()),
        "-" if trial.loss is None else f"{trial.loss:.4f}",
        "-" if trial.evaluation is None else f"{trial.evaluation.accuracy:.1%}",
        str(len(trial.losses)),
        duration(trial.billable_seconds),
        "not known" if usd is None else dollars(usd),
        MARKS[trial.status] + (f": {code(trial.reason)}" if trial.reason else ""),
        code(trial.job_name),
    ]
    return [f"**{cell}**" for cell in cells[:-1]] + cells[-1:] if best else cells


def shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def describe_study(trials: Sequence[Trial], verdict: Trial | PedigreeError, spending: Spending) -> dict[str, Any]:
    """The content of the page as JSON, for programs."""
    best = lowest_loss(trials)
    return {
        "winner": verdict.number if isinstance(verdict, Trial) else None,
        "refused": None if isinstance(verdict, Trial) else str(verdict),
        "lowest_loss": best and best.loss,
        "usd": spending.usd,
        "trials": [describe_trial(trial) for trial in trials],
    }


def describe_trial(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "parameters": trial.parameters,
        "status": trial.status,
        "job": trial.job_name,
        "outcome": trial.outcome,
        "validation_loss": trial.loss,
        "validation_losses": {epoch: loss if isfinite(loss) else None for epoch, loss in trial.losses.items()},
        "validation_accuracy": trial.evaluation and trial.evaluation.accuracy,
        "billable_seconds": trial.billable_seconds,
        "reason": trial.reason,
    }

"""The figures of a study: every trial as a line through its parameters to its loss, and the importance of each parameter."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pedigree.drawing import BLUE, FAINT, INK, MUTED, WIDTH, Figures, data_url, draw_all, new_figure, quieten
from pedigree.settings import Tuning
from pedigree.tuning.space import LEARNING_RATE, search_space
from pedigree.tuning.trial import Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


ENOUGH = 6  # trials with a loss; with fewer the importance is noise


def draw_study(trials: Sequence[Trial], winner: Trial | None, tuning: Tuning) -> Figures:
    seen = [trial for trial in trials if trial.loss is not None]
    figures: dict[str, Callable[[], str]] = {"Trials": lambda: data_url(draw_trials(seen, winner))} if seen else {}
    if len(seen) >= ENOUGH and len(search_space(tuning)) > 1:
        figures["Importance"] = lambda: data_url(draw_importance(importance(seen, tuning)))
    return draw_all(figures)


def draw_trials(trials: Sequence[Trial], winner: Trial | None) -> "Figure":
    """Parallel coordinates: an axis for each parameter, the last one for the loss. The winner is drawn on top."""
    names = [*trials[0].parameters, "validation loss"]
    rows = [[*trial.parameters.values(), trial.loss] for trial in trials]
    figure = new_figure(WIDTH, 3.2)
    axes = figure.subplots()
    scales = [Scale(name, [row[index] for row in rows]) for index, name in enumerate(names)]
    for trial, row in zip(trials, rows, strict=True):
        best = winner is not None and trial.number == winner.number
        heights = [scale.height(value) for scale, value in zip(scales, row, strict=True)]
        style = "-" if trial.status == "completed" else (0, (2, 2))
        axes.plot(heights, color=BLUE if best else MUTED, linewidth=2.6 if best else 1.1, alpha=1 if best else 0.55, linestyle=style)
    for place, scale in enumerate(scales):
        draw_axis(axes, place, scale)
    axes.set_xlim(-0.15, len(names) - 0.6)
    axes.set_ylim(-0.08, 1.16)
    axes.axis("off")
    return figure


class Scale:
    """The places of values on an axis of height 1: learning rates by their logarithm, numbers by size, other choices evenly."""

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        self.name, self.ticks = name, sorted(set(values))
        if name in (LEARNING_RATE, "validation loss"):
            self.ticks = [self.ticks[0], self.ticks[-1]]

    def height(self, value: Any) -> float:
        if len(self.ticks) == 1 or self.ticks[0] == self.ticks[-1]:
            return 0.5
        if value in self.ticks:
            return self.ticks.index(value) / (len(self.ticks) - 1)
        low, high, here = (self._measure(each) for each in (self.ticks[0], self.ticks[-1], value))
        return (here - low) / (high - low)

    def _measure(self, value: float) -> float:
        from math import log

        return log(value) if self.name == LEARNING_RATE else value


def draw_axis(axes: "Axes", place: int, scale: Scale) -> None:
    axes.axvline(place, ymin=0.06, ymax=0.88, color=FAINT, linewidth=1.4, zorder=0)
    axes.text(place, 1.09, scale.name.replace("_", " "), ha="center", size=9.5, color=INK, weight="bold")
    for tick in scale.ticks:
        text = f"{tick:.3g}" if isinstance(tick, float) else str(tick)
        behind = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}
        axes.text(place + 0.03, scale.height(tick), text, va="center", size=8.5, color=INK, bbox=behind, zorder=5)


def importance(trials: Sequence[Trial], tuning: Tuning) -> dict[str, float]:
    """{parameter: share of its importance for the lowest losses}, the most important first: https://arxiv.org/abs/2304.10255"""
    import optuna

    study, space = optuna.create_study(), search_space(tuning)
    for trial in trials:  # a pruned trial counts with its last loss: the method uses only ranks
        study.add_trial(optuna.trial.create_trial(params=trial.parameters, distributions=space, value=trial.loss))
    return optuna.importance.get_param_importances(study)


def draw_importance(shares: dict[str, float]) -> "Figure":
    from matplotlib.ticker import PercentFormatter

    figure = new_figure(WIDTH, 0.8 + 0.35 * len(shares))
    axes = figure.subplots()
    axes.barh([name.replace("_", " ") for name in shares], list(shares.values()), color=BLUE, height=0.55)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    quieten(axes)
    return figure

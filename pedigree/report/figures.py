"""The figures of the report, each as a data URL.

matplotlib is imported inside functions: its import is slow, and every flow imports this module. Figures are separate objects,
without pyplot's global state, because Prefect may run tasks in threads.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pedigree.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    MUTED,
    RED,
    WIDTH,
    Figures,
    Tile,
    data_url,
    display_name,
    draw_all,
    draw_tile,
    new_contact_sheet,
    new_figure,
    quieten,
    shorten,
)
from pedigree.report.confusion import draw_confusion_matrix
from pedigree.report.pairs import draw_pairs
from pedigree.report.recall import draw_recalls
from pedigree.statistics import binomial_interval
from pedigree.trained_model import Evaluation, kept_epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_figures(
    history: list[dict[str, float]], evaluation: Evaluation | None, read_images: Callable[[], Mapping[str, bytes]], *, valid_images: int
) -> Figures:
    """All figures of a model; `read_images` gives the JPEGs of the evaluation's samples and pairs, named as in the job's output.

    Without an evaluation there are the learning curves only.
    """
    baseline = evaluation.baseline if evaluation else None
    figures = {"Learning curves": lambda: data_url(draw_learning_curves(history, baseline=baseline, valid_images=valid_images))}
    return draw_all(figures | (figures_of_evaluation(evaluation, cache(read_images)) if evaluation else {}))


def figures_of_evaluation(evaluation: Evaluation, images: Callable[[], Mapping[str, bytes]]) -> dict[str, Callable[[], str]]:
    figures = {
        "Confusion matrix": lambda: data_url(draw_confusion_matrix(evaluation)),
        "Recall by class": lambda: data_url(draw_recalls(evaluation)),
    }
    if evaluation.pairs:
        figures["Most confused pairs"] = lambda: data_url(draw_pairs(evaluation, images()), kind="jpeg")
    if evaluation.samples:
        figures["Sample predictions"] = lambda: data_url(draw_contact_sheet(evaluation.samples, images()), kind="jpeg")
    return figures


def draw_learning_curves(history: list[dict[str, float]], *, baseline: float | None, valid_images: int) -> "Figure":
    """Draw loss and accuracy by epoch on training and validation images, with 95% intervals of the validation accuracy."""
    from matplotlib.ticker import PercentFormatter

    figure = new_figure(WIDTH, 3)
    loss, accuracy = figure.subplots(1, 2)
    plot_epochs(loss, history, "loss")
    mark_kept_epoch(loss, history)
    loss.set_ylim(bottom=0)
    plot_epochs(accuracy, history, "accuracy")
    ends = [binomial_interval(round(row["valid_accuracy"] * valid_images), valid_images) for row in history]
    accuracy.fill_between([row["epoch"] for row in history], *zip(*ends, strict=True), color=BLUE, alpha=0.12, linewidth=0)
    if baseline is not None:
        accuracy.axhline(baseline, color=MUTED, linewidth=1, linestyle=(0, (2, 3)), zorder=1)
        at: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        accuracy.annotate("majority-class baseline", (1, baseline), (-2, 3), ha="right", color=MUTED, size=8, **at)
    accuracy.set_ylim(0, 1.02)
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    loss.legend(frameon=False, fontsize=9, labelcolor=INK)
    return figure


def plot_epochs(axes: "Axes", history: list[dict[str, float]], quantity: str) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = [row["epoch"] for row in history]
    for split, label, color, width in (("train", "training", "#94a3b8", 1.6), ("valid", "validation", BLUE, 2.2)):
        values = [row[f"{split}_{quantity}"] for row in history]
        dots = 3.5 if len(epochs) < 40 else 0
        axes.plot(epochs, values, color=color, linewidth=width, marker="o", markersize=dots, clip_on=False, label=label)
    axes.set_title(quantity.capitalize(), loc="left", size=11, color=INK, weight="bold")
    axes.set_xlabel("epoch", size=9, color=MUTED)
    axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    quieten(axes)


def mark_kept_epoch(axes: "Axes", history: list[dict[str, float]]) -> None:
    """Draw a ring at the lowest validation loss: the weights of that epoch are the model."""
    kept = kept_epoch(history)
    axes.plot(kept["epoch"], kept["valid_loss"], "o", markersize=10, fillstyle="none", color=BLUE, clip_on=False, label="kept")


def draw_contact_sheet(samples: list[dict[str, Any]], images: Mapping[str, bytes]) -> "Figure":
    """Draw one tile for each sample: the image, the predicted class, and the actual class when it differs."""
    figure = new_contact_sheet(len(samples))
    for axes, sample in zip(figure.axes, samples, strict=False):
        draw_sample(axes, sample, images[sample["image"]])
    return figure


def draw_sample(axes: "Axes", sample: dict[str, Any], image: bytes) -> None:
    right = sample["label"] == sample["predicted"]
    caption = f"{'✓' if right else '✗'} {shorten(display_name(sample['predicted']), 20)} {sample['probability']:.0%}"
    truth = "" if right else f"actual: {shorten(display_name(sample['label']), 22)}"
    draw_tile(axes, Tile(image, GREEN if right else RED, caption, truth, 1.2 if right else 4))

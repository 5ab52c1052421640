"""The confusion matrix as a figure: right answers in blue, mistakes in red, each as a share of the images of that class."""

from typing import TYPE_CHECKING

from pedigree.drawing import FAINT, INK, MUTED, RED, WIDTH, display_name, new_figure, quieten, shorten
from pedigree.report.report import Mistake
from pedigree.trained_model import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MOST_LABELLED = 20  # classes; with more classes the names are not legible, and the worst mistakes are listed instead
MISTAKES_LISTED = 12


def draw_confusion_matrix(evaluation: Evaluation) -> "Figure":
    """Draw the matrix; rows are the actual classes, columns the predicted classes."""
    return draw_labelled(evaluation) if len(evaluation.classes) <= MOST_LABELLED else draw_condensed(evaluation)


def draw_labelled(evaluation: Evaluation) -> "Figure":
    """Draw every class with its name, every cell with its count, and the share of right answers at the end of each row."""
    count = len(evaluation.classes)
    side = max(5.0, 1.9 + 0.42 * count)
    figure = new_figure(side + 0.6, side)
    axes = figure.subplots()
    paint(axes, evaluation)
    names = [shorten(display_name(name), 24) for name in evaluation.classes]
    axes.set_xticks(range(count), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(count), names)
    axes.tick_params(colors=INK)
    for actual, row in enumerate(evaluation.confusion):
        write_row(axes, actual, row)
    return figure


def write_row(axes: "Axes", actual: int, row: list[int]) -> None:
    total = sum(row)
    for predicted, images in enumerate(row):
        dark = images > total / 3
        if images:
            axes.text(predicted, actual, str(images), ha="center", va="center", size=9, color="white" if dark else INK)
    if total:
        axes.text(len(row) - 0.35, actual, f"{row[actual] / total:.0%}", va="center", size=8.5, color=MUTED)


def draw_condensed(evaluation: Evaluation) -> "Figure":
    """Draw the matrix by class number, and below it the most common mistakes by name."""
    figure = new_figure(WIDTH, 9.5)
    halves = figure.subfigures(2, 1, squeeze=False, height_ratios=[2.4, 1])  # the long names below must not push the matrix aside
    matrix = halves[0, 0].subplots()
    paint(matrix, evaluation)
    every_tenth = range(9, len(evaluation.classes), 10)
    for axis in (matrix.xaxis, matrix.yaxis):
        axis.set_ticks(every_tenth, [str(index + 1) for index in every_tenth])
    matrix.set_title(f"{len(evaluation.classes)} classes, numbered in their order", loc="left", size=10, color=INK, weight="bold")
    list_mistakes(halves[1, 0].subplots(), commonest_mistakes(evaluation))
    return figure


def list_mistakes(axes: "Axes", mistakes: list[Mistake]) -> None:
    bars = axes.barh([mistake.words for mistake in mistakes], [mistake.images for mistake in mistakes], color=RED, height=0.45)
    axes.bar_label(bars, padding=3, size=8.5, color=INK)
    axes.set_title("Commonest mistakes: actual → predicted, images", loc="left", size=10, color=INK, weight="bold")
    axes.invert_yaxis()
    quieten(axes)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.tick_params(colors=INK)


def commonest_mistakes(evaluation: Evaluation) -> list[Mistake]:
    """The pairs of classes that the model confuses, the most common first."""
    mistakes = [
        Mistake(actual, predicted, images)
        for actual, row in zip(evaluation.classes, evaluation.confusion, strict=True)
        for predicted, images in zip(evaluation.classes, row, strict=True)
        if images and actual != predicted
    ]
    return sorted(mistakes, key=lambda mistake: -mistake.images)[:MISTAKES_LISTED]


def paint(axes: "Axes", evaluation: Evaluation) -> None:
    """The matrix in two colours with normalised rows: a class with few images weighs as much as a class with many."""
    import numpy as np
    from matplotlib.colors import PowerNorm

    counts = np.array(evaluation.confusion, dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(counts), dtype=bool)
    for hidden, colors in ((right, "Reds"), (~right, "Blues")):
        # the square root makes a few mistakes among many images visible
        shown = np.ma.masked_where(hidden | (counts == 0), shares)
        axes.imshow(shown, cmap=colors, norm=PowerNorm(0.5, 0, 1), interpolation="nearest")
    axes.set_xlabel("predicted", size=9, color=MUTED)
    axes.set_ylabel("actual", size=9, color=MUTED)
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)
    axes.spines[:].set_color(FAINT)

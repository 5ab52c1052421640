"""The recall of each class: the share of its images that the model answers right, with its 95% interval."""

from typing import TYPE_CHECKING

from pedigree.drawing import BLUE, INK, MUTED, WIDTH, display_name, new_figure, quieten, shorten
from pedigree.report.confusion import MOST_LABELLED
from pedigree.report.report import Recall
from pedigree.statistics import binomial_interval
from pedigree.trained_model import Evaluation

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def recalls_of(evaluation: Evaluation) -> list[Recall]:
    """The recall of every class with test images, the lowest first."""
    rows = zip(evaluation.classes, evaluation.confusion, strict=True)
    recalls = [recall_of(name, sum(row), row[index]) for index, (name, row) in enumerate(rows) if sum(row)]
    return sorted(recalls, key=lambda recall: (recall.share, -recall.images))


def recall_of(name: str, images: int, correct: int) -> Recall:
    return Recall(name, images, correct, correct / images, binomial_interval(correct, images))


def draw_recalls(evaluation: Evaluation) -> "Figure":
    """Draw a point for each class with its exact 95% interval; for many classes only the lowest."""
    from matplotlib.ticker import PercentFormatter

    recalls = recalls_of(evaluation)
    shown = recalls[:MOST_LABELLED]
    figure = new_figure(WIDTH, 1 + 0.28 * len(shown))
    axes = figure.subplots()
    whiskers = [[recall.share - recall.interval[0] for recall in shown], [recall.interval[1] - recall.share for recall in shown]]
    names = [f"{shorten(display_name(recall.name), 30)}  {recall.correct}/{recall.images}" for recall in shown]
    places = range(len(shown))
    axes.errorbar([recall.share for recall in shown], places, xerr=whiskers, fmt="o", color=BLUE, ecolor=MUTED, elinewidth=1.2, capsize=2.5)
    axes.set_yticks(places, names)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.axvline(evaluation.accuracy, color=MUTED, linewidth=1, linestyle=(0, (2, 3)), zorder=1)
    which = f"The {len(shown)} least known of {len(recalls)} classes" if len(shown) < len(recalls) else "Each class"
    axes.set_title(f"{which}, with 95% intervals; dotted: all images", loc="left", size=10, color=INK, weight="bold")
    axes.set_xlim(-0.01, 1.01)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    quieten(axes)
    axes.tick_params(axis="y", colors=INK)
    return figure

"""The most confused pairs of classes in images: a mistaken image, and beside it an image of the predicted class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pedigree.drawing import GREEN, MUTED, RED, Tile, display_name, draw_tile, new_contact_sheet, shorten
from pedigree.trained_model import Evaluation

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FRAME = 2.5  # points


def draw_pairs(evaluation: Evaluation, images: Mapping[str, bytes]) -> "Figure":
    """Draw two tiles for each pair; `images` are the JPEGs by their names in the job's output."""
    figure = new_contact_sheet(2 * len(evaluation.pairs))
    for pair, mistaken, typical in zip(evaluation.pairs, figure.axes[::2], figure.axes[1::2], strict=False):
        label, predicted = (shorten(display_name(pair[name]), 22) for name in ("label", "predicted"))
        draw_tile(mistaken, Tile(images[pair["mistaken"]], RED, f"✗ {label}", f"{counted(evaluation, pair)} taken for →", FRAME))
        if "typical" in pair:
            draw_tile(typical, Tile(images[pair["typical"]], GREEN, f"✓ {predicted}", "right answer", FRAME))
        else:
            typical.text(0.5, 0.5, f"{predicted}:\nnever right", transform=typical.transAxes, ha="center", va="center", color=MUTED)
    return figure


def counted(evaluation: Evaluation, pair: Mapping[str, str]) -> str:
    row = evaluation.confusion[evaluation.classes.index(pair["label"])]
    return f"{row[evaluation.classes.index(pair['predicted'])]} of {sum(row)}"

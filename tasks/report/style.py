"""What the pictures of the report have in common: colours, sizes, and names short enough to read."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, FAINT = "#0f172a", "#64748b", "#e2e8f0"
BLUE, GREEN, RED = "#2563eb", "#15803d", "#dc2626"
WIDTH = 7.6  # inches; the page of an artifact is about 700 pixels wide, so that letters come out a little larger than 8 points
DOTS_PER_INCH = 180


def new_figure(width: float, height: float) -> "Figure":
    """Inches. White, because the reader's page may be dark."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white", layout=layout)


def quieten(axes: "Axes") -> None:
    """No frame but the base line, and small grey ticks."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)


def display_name(name: str) -> str:
    """`001.Affenpinscher_dog` as a person would write it."""
    return re.sub(r"^\d+\.", "", name).replace("_", " ")


def shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"

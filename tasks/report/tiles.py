"""Photographs in rows, each in a frame and with two lines below it."""

import io
from typing import TYPE_CHECKING

from tasks.report.style import INK, WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4


def new_contact_sheet(tiles: int) -> "Figure":
    """Empty axes for at least so many tiles, COLUMNS of them in a row."""
    rows = -(-tiles // COLUMNS)
    figure = new_figure(WIDTH, 2.3 * rows)
    figure.set_layout_engine(None)  # a long name would make its column wider
    figure.subplots_adjust(left=0.01, right=0.99, top=1 - 0.04 / rows, bottom=0.17 / rows, wspace=0.06, hspace=0.24)
    for axes in figure.subplots(rows, COLUMNS, squeeze=False).flat:
        axes.axis("off")
    return figure


def draw_tile(axes: "Axes", image: bytes, color: str, caption: str, remark: str, *, frame: float) -> None:
    """The middle square of a JPEG in a frame so many points wide."""
    from matplotlib.patches import Rectangle
    from PIL import Image, ImageOps

    axes.imshow(ImageOps.fit(Image.open(io.BytesIO(image)).convert("RGB"), (224, 224)))
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor=color, linewidth=frame))
    axes.text(0, -0.03, caption, transform=axes.transAxes, va="top", size=8.5, color=color, weight="bold")
    axes.text(0, -0.12, remark, transform=axes.transAxes, va="top", size=8.5, color=INK)

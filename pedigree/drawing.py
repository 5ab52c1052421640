"""The style that all figures share: colours, sizes, tiles of photographs, and a figure as a data URL."""

import base64
import io
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Figures:
    """The data URL of each figure by its title, and by title the reason why a figure could not be drawn."""

    urls: Mapping[str, str]
    not_drawn: Mapping[str, str]


def draw_all(figures: Mapping[str, Callable[[], str]]) -> Figures:
    """Call each of these for its data URL; a page goes on without a figure that fails."""
    urls: dict[str, str] = {}
    not_drawn: dict[str, str] = {}
    for title, draw in figures.items():
        try:
            urls[title] = draw()
        except Exception as error:  # a figure is worth less than the page that it stands on
            LOG.warning("The figure %r could not be drawn", title, exc_info=True)
            not_drawn[title] = f"{type(error).__name__}: {error}"
    return Figures(urls, not_drawn)


def data_url(figure: "Figure", *, kind: str = "png") -> str:
    """PNG for charts, reduced to 128 colours; JPEG for photographs."""
    from PIL import Image

    canvas, file = io.BytesIO(), io.BytesIO()
    figure.savefig(canvas, format="png")
    drawn = Image.open(canvas).convert("RGB")
    if kind == "png":
        drawn.quantize(128).save(file, "PNG", optimize=True)
    else:
        drawn.save(file, "JPEG", quality=75, optimize=True)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


INK, MUTED, FAINT = "#0f172a", "#64748b", "#e2e8f0"
BLUE, GREEN, RED = "#2563eb", "#15803d", "#dc2626"
WIDTH = 7.6  # inches; the page of an artifact is about 700 pixels wide, so that letters come out a little larger than 8 points
DOTS_PER_INCH = 180


def new_figure(width: float, height: float) -> "Figure":
    """Inches. White, because the reader's page may be dark. Text is text: a `$` in a name begins no formula."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    rcParams["text.parse_math"] = False
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white", layout=layout)


def quieten(axes: "Axes") -> None:
    """No frame but the base line, and small grey ticks."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)


def display_name(name: str) -> str:
    """`001.Affenpinscher_dog` as a person would write it, in one line of UTF-8."""
    text = name.encode("utf-8", "replace").decode()
    return " ".join(re.sub(r"^\d+\.", "", text).replace("_", " ").split())


def shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


COLUMNS = 4


def new_contact_sheet(tiles: int) -> "Figure":
    """Empty axes for at least `tiles` tiles, COLUMNS of them in a row."""
    rows = -(-tiles // COLUMNS)
    figure = new_figure(WIDTH, 2.3 * rows)
    figure.set_layout_engine(None)  # a long name would make its column wider
    figure.subplots_adjust(left=0.01, right=0.99, top=1 - 0.04 / rows, bottom=0.17 / rows, wspace=0.06, hspace=0.24)
    for axes in figure.subplots(rows, COLUMNS, squeeze=False).flat:
        axes.axis("off")
    return figure


@dataclass(frozen=True)
class Tile:
    """The middle square of the JPEG `image` in a frame of `frame` points, with two lines below it."""

    image: bytes
    color: str
    caption: str
    remark: str
    frame: float


def draw_tile(axes: "Axes", tile: Tile) -> None:
    from matplotlib.patches import Rectangle
    from PIL import Image, ImageOps

    axes.imshow(ImageOps.fit(Image.open(io.BytesIO(tile.image)).convert("RGB"), (224, 224)))
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor=tile.color, linewidth=tile.frame))
    axes.text(0, -0.03, tile.caption, transform=axes.transAxes, va="top", size=8.5, color=tile.color, weight="bold")
    axes.text(0, -0.12, tile.remark, transform=axes.transAxes, va="top", size=8.5, color=INK)

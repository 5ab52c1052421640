"""The epochs of a training job as its log tells them."""

import re
from collections.abc import Iterable
from math import isfinite

from pedigree.statistics import share_with_interval
from pedigree.trained_model import kept_epoch

Row = dict[str, float]
EPOCH = re.compile(r"(?:^|\s)epoch=(\d+)\s")
FIGURE = re.compile(r"(?<=\s)([\w:]+)=(-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan))(?=\s|$)")


def read_epochs(lines: Iterable[str]) -> list[Row]:
    """A row for each line `epoch=3 train:loss=0.5 ...`, its figures named as in the job's history: `epoch`, `train_loss` and so on."""
    return [
        {"epoch": int(found[1])} | {name.replace(":", "_"): float(figure) for name, figure in FIGURE.findall(line)}
        for line in lines
        if (found := EPOCH.search(line))
    ]


FIGURES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "epoch_seconds")


def table_of(rows: list[Row], valid_images: int) -> list[dict[str, str]]:
    """A row for each epoch, the validation accuracy with its 95% interval; the epoch with the lowest finite validation loss is kept."""
    kept, known = kept_so_far(rows), [name for name in FIGURES if any(name in row for row in rows)]
    return [
        {
            "Epoch": f"{row['epoch']:.0f}{' (kept)' if row is kept else ''}",
            **{title(name): cell(name, row, valid_images) for name in known},
        }
        for row in rows
    ]


def title(name: str) -> str:
    return "Seconds" if name == "epoch_seconds" else name.replace("_", " ").capitalize()


def cell(name: str, row: Row, valid_images: int) -> str:
    match name, row.get(name):
        case _, None:
            return ""
        case "valid_accuracy", share:
            return share_with_interval(round(share * valid_images), valid_images)
        case "train_accuracy", share:
            return f"{share:.1%}"
        case "epoch_seconds", seconds:
            return f"{seconds:.1f}"
        case _, loss:
            return f"{loss:.4f}"


def kept_so_far(rows: list[Row]) -> Row | None:
    measured = [row for row in rows if isfinite(row.get("valid_loss", float("nan")))]
    return kept_epoch(measured) if measured else None


def headline(name: str, rows: list[Row], epochs: int, valid_images: int) -> str:
    kept = kept_so_far(rows)
    best = f"; epoch {kept['epoch']:.0f} is the best: valid accuracy {cell('valid_accuracy', kept, valid_images)}" if kept else ""
    return f"{name}: {rows[-1]['epoch']:.0f} of {epochs} epochs{best}"

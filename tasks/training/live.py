"""The epochs of a training job on the page of its flow run, while it trains: a bar, and a table with all of them."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from prefect.artifacts import ProgressArtifact, TableArtifact

from tasks.live_artifact import LiveArtifact
from tasks.report.interval import share_with_interval
from tasks.trained_model import kept_epoch
from tasks.training.epochs import Row, read_epochs

FIGURES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "epoch_seconds")


class LiveEpochs:
    """What is known of the epochs of some jobs; as a Watch it looks at the new lines of a job's log, and asks AWS nothing itself."""

    def __init__(self, epochs: int, valid_images: int) -> None:
        self._epochs, self._valid_images = epochs, valid_images
        self._pages: dict[str, Page] = {}  # an attempt after a failed one has a page of its own

    def __call__(self, job: Mapping[str, Any], lines: Iterable[str]) -> None:
        self.seen(job["TrainingJobName"], read_epochs(lines))

    def seen(self, name: str, rows: Iterable[Row]) -> None:
        """Show these epochs of the job, in its log or its history, with what was seen of them before."""
        page = self._pages.setdefault(name, Page(name))
        new = {int(row["epoch"]): row for row in rows}
        if page.begun and not new:
            return
        for epoch, row in new.items():  # a job that was interrupted repeats an epoch
            page.rows[epoch] = page.rows.get(epoch, {}) | row
        page.show(self._epochs, self._valid_images)


class Page:
    """The two artifacts of one job."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, Row] = {}
        self.begun = False
        self._bar, self._table = LiveArtifact(f"{name}-progress"), LiveArtifact(f"{name}-epochs")

    def show(self, epochs: int, valid_images: int) -> None:
        self.begun = True
        done = max(self.rows, default=0)
        self._bar.show(ProgressArtifact(progress=100 * done / epochs, description=f"{self.name}: epoch {done} of {epochs}"))
        if self.rows:
            rows = [self.rows[epoch] for epoch in sorted(self.rows)]
            self._table.show(TableArtifact(table=table_of(rows, valid_images), description=headline(self.name, rows, epochs, valid_images)))


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

"""The epochs of a training job on the page of its flow run: a progress bar and a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from prefect.artifacts import ProgressArtifact, TableArtifact

from pedigree.training.epochs import Row, headline, read_epochs, table_of
from tasks.runs.artifacts import LiveArtifact


class LiveEpochs:
    """The known epochs of some jobs; as a Watch it reads the new log lines of a job, and sends no request to AWS."""

    def __init__(self, epochs: int, valid_images: int) -> None:
        self._epochs, self._valid_images = epochs, valid_images
        self._pages: dict[str, Page] = {}  # each attempt has its own page

    def __call__(self, job: Mapping[str, Any], lines: Iterable[str]) -> None:
        self.seen(job["TrainingJobName"], read_epochs(lines))

    def seen(self, name: str, rows: Iterable[Row]) -> None:
        """Show these epochs of the job, from its log or its history, together with earlier ones."""
        page = self._pages.setdefault(name, Page(name))
        new = {int(row["epoch"]): row for row in rows}
        if page.begun and not new:
            return
        for epoch, row in new.items():  # an interrupted job repeats an epoch
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

"""The forecast of a training job's billed time, from the log lines so far."""

from collections.abc import Iterable
from dataclasses import dataclass

from pedigree.training.epochs import read_epochs


@dataclass(frozen=True)
class Progress:
    """The progress of a job; `first` and `last` are (epochs done, billable seconds) at the end of the first and the newest epoch."""

    epochs: int
    first: tuple[int, float] | None = None
    last: tuple[int, float] = (0, 0.0)

    def seen(self, lines: Iterable[str], seconds: float) -> "Progress":
        """The progress after `seconds`, when the job's log shows these lines."""
        done = max((int(row["epoch"]) for row in read_epochs(lines)), default=0)
        if done <= self.last[0]:
            return self
        return Progress(self.epochs, self.first or (done, seconds), (done, seconds))

    def forecast(self, seconds: float) -> float:
        """The billable seconds of the whole job, at least the `seconds` that are billed by now.

        The first epoch does not count: it includes the time to load the images and the pretrained weights.
        """
        if self.first is None or self.last[0] == self.first[0]:
            return seconds
        done, at = self.last
        seconds_an_epoch = (at - self.first[1]) / (done - self.first[0])
        return max(seconds, at + seconds_an_epoch * (self.epochs - done))

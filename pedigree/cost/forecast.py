"""How long a training job will bill for, from what it has said so far."""

from collections.abc import Iterable
from dataclasses import dataclass

from pedigree.training.epochs import read_epochs


@dataclass(frozen=True)
class Progress:
    """`first` and `last` are (epochs done, billable seconds) when the first and the newest epoch were seen to end."""

    epochs: int
    first: tuple[int, float] | None = None
    last: tuple[int, float] = (0, 0.0)

    def seen(self, lines: Iterable[str], seconds: float) -> "Progress":
        """Progress after `seconds`, when the job's log shows these lines."""
        done = max((int(row["epoch"]) for row in read_epochs(lines)), default=0)
        if done <= self.last[0]:
            return self
        return Progress(self.epochs, self.first or (done, seconds), (done, seconds))

    def forecast(self, seconds: float) -> float:
        """Billable seconds of the whole job, which has billed for `seconds` by now: at least those.

        The first epoch is not counted on: loading the pictures and the pretrained weights would be counted once for each epoch.
        """
        if self.first is None or self.last[0] == self.first[0]:
            return seconds
        done, at = self.last
        seconds_an_epoch = (at - self.first[1]) / (done - self.first[0])
        return max(seconds, at + seconds_an_epoch * (self.epochs - done))

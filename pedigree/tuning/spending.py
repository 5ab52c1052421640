"""What the trials of a study cost together, held to its budget while they run."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from pedigree.aws.errors import BudgetExceeded
from pedigree.cost.forecast import Progress
from pedigree.cost.watch import seconds_with_instances
from pedigree.text import dollars


class Spending:
    """USD by job: what ended ones were billed for, and what running ones will have cost. The trials' threads share it.

    `usd_per_hour` of one trial is None where the price is not known; without a budget nothing is refused.
    """

    def __init__(self, usd_per_hour: float | None, epochs: int, budget_usd: float | None) -> None:
        self._usd_per_hour, self._epochs, self._budget_usd = usd_per_hour, epochs, budget_usd
        self._usd: dict[str, float] = {}
        self._progress: dict[str, Progress] = {}
        self._lock = threading.Lock()

    @property
    def usd(self) -> float:
        with self._lock:
            return sum(self._usd.values())

    def cost(self, seconds: float) -> float | None:
        """USD of one trial that is billed for so many seconds."""
        return None if self._usd_per_hour is None else seconds / 3600 * self._usd_per_hour

    def look(self, job: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Take in how far a running job is. Raises BudgetExceeded where all will have cost too much."""
        if "TrainingStartTime" not in job:
            return
        name, seconds = job["TrainingJobName"], seconds_with_instances(job)
        self._progress[name] = progress = self._progress.get(name, Progress(self._epochs)).seen(lines, seconds)
        self.settle(name, progress.forecast(seconds))
        self.require_within()

    def settle(self, job_name: str, seconds: float) -> None:
        with self._lock:
            self._usd[job_name] = self.cost(seconds) or 0.0

    def require_within(self) -> None:
        if self._budget_usd is None or self.usd <= self._budget_usd:
            return
        cause = f"the trials begun so far will have cost {dollars(self.usd)}, the budget is {dollars(self._budget_usd)}; those running stop"
        action = "raise budget_usd, or lower trials or epochs; run with retry_failed to take up those that were stopped"
        raise BudgetExceeded("tune", "study", cause, action)

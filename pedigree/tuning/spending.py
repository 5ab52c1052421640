"""The cost of all trials of a study, checked against its budget while they run."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from pedigree.aws.errors import BudgetExceeded
from pedigree.cost.forecast import Progress
from pedigree.cost.watch import seconds_with_instances
from pedigree.text import dollars


class Spending:
    """USD by job: the bill of ended jobs and the forecast of running jobs. The threads of the trials share this object.

    `usd_per_hour` of one trial is None when the price is not known; without a budget no trial is refused.
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
        """The USD of one trial with this number of billed seconds."""
        return None if self._usd_per_hour is None else seconds / 3600 * self._usd_per_hour

    def look(self, job: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Update the forecast of a running job; raise BudgetExceeded when all jobs together exceed the budget."""
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
        cause = f"the started trials will cost {dollars(self.usd)}, and the budget is {dollars(self._budget_usd)}; running trials stop"
        action = "raise budget_usd, or lower trials or epochs; run with retry_failed to start stopped trials again"
        raise BudgetExceeded("tune", "study", cause, action)

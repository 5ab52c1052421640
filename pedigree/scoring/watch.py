"""The watch over all jobs of a score while they run: the number of answered images, and the cost so far."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from pedigree.aws.errors import BudgetExceeded
from pedigree.scoring.plan import ScoringPlan, seconds_of
from pedigree.text import dollars

LOG = logging.getLogger(__name__)
Show = Callable[[float, str], object]
STEP = 0.1  # share of all images between two log lines


class ScoreWatch:
    """One watch for all jobs of a run, shared by their threads; `show` takes the percentage done and a text."""

    def __init__(self, total: int, plan: ScoringPlan, show: Show = lambda _percent, _text: None) -> None:
        self._total, self._plan, self._show = total, plan, show
        self._lock = Lock()
        self._answered: dict[str, int] = {}
        self._seconds: dict[str, float] = {}
        self._shown, self._told = -1, 0

    @property
    def usd(self) -> float | None:
        """The cost of the jobs that this run watched."""
        hourly = self._plan.usd_per_hour
        return None if hourly is None else sum(self._seconds.values()) / 3600 * hourly

    def answered(self, chunk: str, images: int) -> None:
        """Record the number of answered images of a chunk."""
        with self._lock:
            self._answered[chunk] = images
            done = sum(self._answered.values())
            if done == self._shown:
                return
            self._shown = done
            text = f"{done:,} of {self._total:,} images are answered"
            self._show(100 * done / self._total, text)
            if done == self._total or done >= self._told + STEP * self._total:
                self._told = done
                LOG.info(text)

    def billed(self, job: Mapping[str, Any], stop: Callable[[], object]) -> None:
        """Stop this job and raise BudgetExceeded when all jobs together cost more than the budget."""
        with self._lock:
            self._seconds[job["TransformJobName"]] = seconds_so_far(job)
        budget, usd = self._plan.budget_usd, self.usd
        if budget is None or usd is None or usd <= budget or job["TransformJobStatus"] != "InProgress":
            return
        stop()
        cause = f"the transform jobs of this run have cost {dollars(usd)}, and the budget is {dollars(budget)}; this job was stopped"
        action = "raise budget_usd and run again with scoring.retry_failed; predictions so far are kept"
        raise BudgetExceeded("score images", job["TransformJobName"], cause, action)


def seconds_so_far(job: Mapping[str, Any]) -> float:
    return seconds_of({"TransformEndTime": datetime.now(UTC), **job})

"""What is seen of all jobs of a score while they run: how many images are answered, and what that has cost."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import ProgressArtifact

from tasks.aws.errors import BudgetExceeded
from tasks.cost.money import dollars
from tasks.live_artifact import LiveArtifact
from tasks.scoring.plan import ScoringPlan, seconds_of

STEP = 0.1  # of all images, between two lines in the log


class ScoreWatch:
    """One for all jobs of a run, looked at from the thread of each; the bar is the artifact `<project>-score-progress`."""

    def __init__(self, project: str, total: int, plan: ScoringPlan) -> None:
        self._project, self._total, self._plan = project, total, plan
        self._bar = LiveArtifact(f"{project}-score-progress")
        self._lock = Lock()
        self._answered: dict[str, int] = {}
        self._seconds: dict[str, float] = {}
        self._shown, self._told = -1, 0

    @property
    def usd(self) -> float | None:
        """Of the jobs that were seen to run."""
        hourly = self._plan.usd_per_hour
        return None if hourly is None else sum(self._seconds.values()) / 3600 * hourly

    def answered(self, chunk: str, images: int) -> None:
        """So many images of this chunk have their answer."""
        with self._lock:
            self._answered[chunk] = images
            done = sum(self._answered.values())
            if done == self._shown:
                return
            self._shown = done
            text = f"{done:,} of {self._total:,} images are answered"
            self._bar.show(ProgressArtifact(progress=100 * done / self._total, description=text))
            if done == self._total or done >= self._told + STEP * self._total:
                self._told = done
                get_run_logger().info(text)

    def billed(self, job: Mapping[str, Any], stop: Callable[[], object]) -> None:
        """BudgetExceeded, with this job stopped, once all jobs together have cost more than the budget."""
        with self._lock:
            self._seconds[job["TransformJobName"]] = seconds_so_far(job)
        budget, usd = self._plan.budget_usd, self.usd
        if budget is None or usd is None or usd <= budget or job["TransformJobStatus"] != "InProgress":
            return
        stop()
        cause = f"the transform jobs of this run have cost {dollars(usd)}, the budget is {dollars(budget)}; this one was stopped"
        action = "raise budget_usd and run again with scoring.retry_failed; what is answered is kept"
        raise BudgetExceeded("score images", job["TransformJobName"], cause, action)


def seconds_so_far(job: Mapping[str, Any]) -> float:
    return seconds_of({"TransformEndTime": datetime.now(UTC), **job})

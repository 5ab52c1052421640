"""Stop a training job as soon as its forecast cost exceeds the budget."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.errors import BudgetExceeded
from pedigree.aws.resources.sagemaker import stop_job
from pedigree.cost.forecast import Progress
from pedigree.cost.lines import training_usd_per_hour
from pedigree.prices.prices import read_prices
from pedigree.settings import Training
from pedigree.text import dollars, duration
from pedigree.training.watch import Job, Watch, just_look
from pedigree.values import Account

WAITING = ("Interrupted", "Starting")
Stop = Callable[[Job], object]


def budget_watch(account: Account, training: Training, budget_usd: float | None) -> Watch:
    """The watch that checks a running training job against the budget; InvalidInput when the instance type's price is not known."""
    if budget_usd is None:
        return just_look
    prices = read_prices(account, training.instance_types)
    usd_per_hour = {name: training_usd_per_hour(prices, training.on(name)) for name in training.instance_types}
    sagemaker = client(account.credentials, "sagemaker")

    return BudgetWatch(lambda job: stop_job(sagemaker, job["TrainingJobName"]), usd_per_hour, training.epochs, budget_usd)


@dataclass(frozen=True)
class BudgetWatch:
    """Checks a job's description and its newest log lines; `usd_per_hour` is the on-demand price by instance type."""

    stop: Stop
    usd_per_hour: Mapping[str, float]
    epochs: int
    budget_usd: float
    progress: dict[str, Progress] = field(default_factory=dict)  # by job name: a new attempt after a failed one begins at zero

    def __call__(self, job: Job, lines: Iterable[str]) -> None:
        """Stop the job and raise BudgetExceeded when its forecast cost exceeds the budget."""
        if job["TrainingJobStatus"] != "InProgress" or "TrainingStartTime" not in job:
            return
        name, seconds = job["TrainingJobName"], seconds_with_instances(job)
        self.progress[name] = progress = self.progress.get(name, Progress(self.epochs)).seen(lines, seconds)
        forecast = progress.forecast(seconds)
        usd = forecast / 3600 * self.usd_per_hour[job["ResourceConfig"]["InstanceType"]]
        if usd > self.budget_usd:
            self.stop(job)
            raise self.exceeded(name, progress.last[0], seconds, forecast, usd)

    def exceeded(self, name: str, done: int, seconds: float, forecast: float, usd: float) -> BudgetExceeded:
        cause = (
            f"after {duration(seconds)}, {done} of {self.epochs} epochs are done; all would cost {dollars(usd)} in {duration(forecast)},"
            f" and the budget is {dollars(self.budget_usd)}; the job was stopped"
        )
        action = "raise budget_usd or lower epochs or image_size; the same settings start again only with retry_failed"
        return BudgetExceeded("train model", name, cause, action)


def seconds_with_instances(job: Mapping[str, Any]) -> float:
    """Seconds since the job began, without the time that an interrupted spot job waits for new instances."""
    begun, now = job["TrainingStartTime"], datetime.now(UTC)
    waits = [step for step in job.get("SecondaryStatusTransitions", ()) if step["Status"] in WAITING and step["StartTime"] >= begun]
    waited = sum((step.get("EndTime", now) - step["StartTime"] for step in waits), timedelta())
    return float((now - begun - waited).total_seconds())

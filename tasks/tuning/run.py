"""The tasks of a study: open it, and run one of its trials as a training job."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prefect import get_run_logger, task

from tasks.aws.adoption import describe
from tasks.aws.clients import client
from tasks.aws.errors import BudgetExceeded, JobFailed, JobStopped, OutOfAttempts, PedigreeError
from tasks.aws.naming import job_name
from tasks.aws.tasking import AWS_TASK
from tasks.cost.lines import training_usd_per_hour
from tasks.cost.prices import read_prices
from tasks.cost.watch import watch_all
from tasks.kinds.sagemaker import stop_job
from tasks.kinds.table import TRAINING_JOB
from tasks.settings import Training, Tuning
from tasks.training.code import key_of_files, package_files
from tasks.training.job import asked, jobs_of
from tasks.training.live import LiveEpochs
from tasks.training.result import OUTPUT
from tasks.tuning.ledger import Ledger, Pruning
from tasks.tuning.request import study_key, trial_job_request, trial_key
from tasks.tuning.space import Parameters, with_parameters
from tasks.tuning.spending import Spending
from tasks.tuning.study import Study
from tasks.tuning.trial import Trial, losses_in, read_trial
from tasks.values import Account, Dataset


@task(name="open study", **AWS_TASK)
def open_study(account: Account, dataset: Dataset, training: Training, tuning: Tuning, budget_usd: float | None) -> Study:
    """The study of these images, this code and these settings, begun now or by any run before. The budget is for all of it."""
    prices = read_prices(account, training.instance_types)
    places = [training.on(name) for name in training.instance_types]
    known = all(prices.instance("training", place.instance_type) is not None for place in places)
    # a trial may have to run on any of them: the dearest counts
    hourly = max(training_usd_per_hour(prices, place) for place in places) if known else None
    spending = Spending(hourly, training.epochs, budget_usd)
    key = study_key(dataset.key, key_of_files(package_files("model")), training, tuning)
    return Study(Ledger(client(account.credentials, "s3"), account.bucket, key), training, tuning, spending)


@task(name="run trial", task_run_name="trial {number}", **AWS_TASK)
def run_trial(account: Account, dataset: Dataset, training: Training, study: Study, number: int) -> Trial:
    """One trial, adopted or started and followed to its end; one whose job fails or is stopped is a failed trial, not an error.

    Raises BudgetExceeded, with its job stopped.
    """
    study.spending.require_within()
    parameters = study.propose(number)
    get_run_logger().info(f"Trial {number} tries {parameters}")
    trial = follow_trial(account, dataset, with_parameters(training, parameters), study, number, parameters)
    study.tell(trial)
    get_run_logger().info(f"Trial {number} {trial.status}: {trial.reason or f'validation loss {trial.loss:.4f}'}")
    return trial


def follow_trial(account: Account, dataset: Dataset, training: Training, study: Study, number: int, parameters: Parameters) -> Trial:
    s3, sagemaker = client(account.credentials, "s3"), client(account.credentials, "sagemaker")
    if pruning := study.ledger.pruning(number):
        stop_job(sagemaker, pruning.job_name)  # the run that wrote it down may have died before it did this
        return pruned(sagemaker, number, parameters, pruning)
    files = package_files("model")
    key = trial_key(dataset.key, key_of_files(files), training)
    request_of = partial(trial_job_request, dataset=dataset, **asked(account, training, files, key))
    watch = watch_all(LiveEpochs(training.epochs, dataset.counts["valid"]), TrialWatch(study, number, sagemaker))
    jobs = jobs_of(account, training, watch, product=OUTPUT)
    try:
        attempt = jobs.follow(partial(job_name, account.project, "trial", key), request_of, retry_failed=training.retry_failed)
    except (JobFailed, JobStopped, OutOfAttempts) as error:
        if pruning := study.ledger.pruning(number):
            return pruned(sagemaker, number, parameters, pruning)
        return failed(sagemaker, number, parameters, error)
    return read_trial(s3, number, parameters, attempt)


def pruned(sagemaker: Any, number: int, parameters: Parameters, pruning: Pruning) -> Trial:
    seconds = billed_seconds(sagemaker, pruning.job_name)
    reason = f"worse than the median after {max(pruning.losses)} epochs"
    return Trial(number, parameters, "pruned", pruning.job_name, pruning.losses, billable_seconds=seconds, reason=reason)


def failed(sagemaker: Any, number: int, parameters: Parameters, error: PedigreeError) -> Trial:
    seconds = billed_seconds(sagemaker, error.resource)
    return Trial(number, parameters, "failed", error.resource, billable_seconds=seconds, reason=error.cause.splitlines()[0])


def billed_seconds(sagemaker: Any, job: str) -> int:
    return int((describe(TRAINING_JOB.on(sagemaker), job) or {}).get("BillableTimeInSeconds", 0))


@dataclass(frozen=True)
class TrialWatch:
    """Looks at a trial's job while it runs: too dear for the budget, or no match for the others."""

    study: Study
    number: int
    sagemaker: Any
    losses: dict[str, dict[int, float]] = field(default_factory=dict)  # by job: an attempt after a failed one begins at nothing

    def __call__(self, job: Mapping[str, Any], lines: Iterable[str]) -> None:
        if job["TrainingJobStatus"] != "InProgress":
            return
        name = job["TrainingJobName"]
        self.losses[name] = losses = self.losses.get(name, {}) | losses_in(lines)
        try:
            self.study.spending.look(job, lines)
        except BudgetExceeded:
            stop_job(self.sagemaker, name)
            raise
        if self.study.is_hopeless(self.number, losses):
            self.study.ledger.prune(self.number, Pruning(name, losses))  # first: a job found stopped must be known to be pruned
            stop_job(self.sagemaker, name)

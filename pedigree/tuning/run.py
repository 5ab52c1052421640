"""Open a study, and run each of its trials as a training job."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pedigree.aws.adoption import describe
from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.errors import BudgetExceeded, JobFailed, JobStopped, OutOfAttempts, PedigreeError
from pedigree.aws.naming import job_name
from pedigree.aws.resources.sagemaker import stop_job
from pedigree.aws.resources.table import TRAINING_JOB
from pedigree.cost.lines import training_usd_per_hour
from pedigree.prices.prices import read_prices
from pedigree.settings import Training, Tuning
from pedigree.training.code import code_uri, package_files
from pedigree.training.jobs import asked, image_of, jobs_of
from pedigree.training.output import OUTPUT
from pedigree.training.training_job import JobParts
from pedigree.training.watch import Watch, just_look, watch_all
from pedigree.tuning.ledger import Ledger, Pruning
from pedigree.tuning.space import Parameters, require_trials_trainable, with_parameters
from pedigree.tuning.spending import Spending
from pedigree.tuning.study import Study
from pedigree.tuning.trial import Trial, losses_in, read_trial
from pedigree.tuning.trial_job import study_key, trial_job_request
from pedigree.values import Account, Dataset

LOG = logging.getLogger(__name__)


def open_study(account: Account, dataset: Dataset, training: Training, tuning: Tuning, budget_usd: float | None) -> Study:
    """The study of these images, this code and these settings, new or from an earlier run; the budget is for the whole study."""
    require_trials_trainable(training, tuning, dataset.counts)
    prices = read_prices(account, training.instance_types)
    places = [training.on(name) for name in training.instance_types]
    known = all(prices.instance("training", place.instance_type) is not None for place in places)
    # a trial may run on any of these instance types: the most expensive counts
    hourly = max(training_usd_per_hour(prices, place) for place in places) if known else None
    spending = Spending(hourly, training.epochs, budget_usd)
    code, image = code_uri(account.bucket, package_files("model")), image_of(account, training)
    key = study_key(trial_job_request("", JobParts(account, dataset, code, training, image)), training, tuning)
    return Study(Ledger(client(account.credentials, "s3"), account.bucket, key), training, tuning, spending)


def run_trial(account: Account, dataset: Dataset, study: Study, number: int, watch: Watch = just_look) -> Trial:
    """Adopt or start a trial and follow its job to the end; a failed or stopped job gives a failed trial, not an error.

    Raises BudgetExceeded after it has stopped the job.
    """
    study.spending.require_within()
    parameters = study.propose(number)
    LOG.info(f"Trial {number} tries {parameters}")
    trial = follow_trial(account, dataset, study, number, watch)
    study.tell(trial)
    LOG.info(f"Trial {number} {trial.status}: {trial.reason or f'validation loss {trial.loss:.4f}'}")
    return trial


def follow_trial(account: Account, dataset: Dataset, study: Study, number: int, watch: Watch) -> Trial:
    parameters = study.propose(number)
    training = with_parameters(study.training, parameters)
    s3, sagemaker = client(account.credentials, "s3"), client(account.credentials, "sagemaker")
    if pruning := study.ledger.pruning(number):
        stop_job(sagemaker, pruning.job_name)  # the run that recorded the pruning may have died before it stopped the job
        return pruned(sagemaker, number, parameters, pruning)
    request_of, key = asked(trial_job_request, account, dataset, training, package_files("model"))
    jobs = jobs_of(account, training, watch_all(watch, TrialWatch(study, number, sagemaker)), product=OUTPUT)
    try:
        attempt = jobs.follow(partial(job_name, account.project, "trial", key), request_of, retry_failed=training.retry_failed)
    except (JobFailed, JobStopped, OutOfAttempts) as error:
        if pruning := study.ledger.pruning(number):
            return pruned(sagemaker, number, parameters, pruning)
        return failed(sagemaker, number, parameters, error)
    return read_trial(s3, number, parameters, attempt)


def pruned(sagemaker: SageMakerClient, number: int, parameters: Parameters, pruning: Pruning) -> Trial:
    seconds = billed_seconds(sagemaker, pruning.job_name)
    reason = f"worse than the median after {max(pruning.losses)} epochs"
    return Trial(number, parameters, "pruned", pruning.job_name, pruning.losses, billable_seconds=seconds, reason=reason)


def failed(sagemaker: SageMakerClient, number: int, parameters: Parameters, error: PedigreeError) -> Trial:
    seconds = billed_seconds(sagemaker, error.resource)
    return Trial(number, parameters, "failed", error.resource, billable_seconds=seconds, reason=error.cause.splitlines()[0])


def billed_seconds(sagemaker: SageMakerClient, job: str) -> int:
    return int((describe(TRAINING_JOB.on(sagemaker), job) or {}).get("BillableTimeInSeconds", 0))


@dataclass(frozen=True)
class TrialWatch:
    """Stops a trial's running job when it exceeds the budget, or prunes it when it is worse than the other trials."""

    study: Study
    number: int
    sagemaker: SageMakerClient
    losses: dict[str, dict[int, float]] = field(default_factory=dict)  # by job name: a new attempt after a failed one begins at zero

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
            self.study.ledger.prune(
                self.number, Pruning(name, losses)
            )  # first: another run that finds the job stopped must know that it was pruned
            stop_job(self.sagemaker, name)

"""The task that compares: an evaluation job of its own, because no training may depend on what is live and no flow holds torch."""

from functools import partial

from prefect import task

from tasks.aws.clients import client
from tasks.aws.naming import job_name
from tasks.aws.tasking import AWS_TASK
from tasks.champion import find_champion
from tasks.comparison.request import comparison_job_request, comparison_key
from tasks.comparison.result import read_comparison
from tasks.settings import Gate, Serving, Training
from tasks.trained_model import TrainedModel
from tasks.training.code import key_of_files, package_files
from tasks.training.job import Jobs, asked
from tasks.training.request import QUEUEING_SECONDS
from tasks.training.result import OUTPUT
from tasks.values import Account, Champion, Comparison, Dataset


@task(name="compare with champion", **AWS_TASK)
def compare_with_champion(
    account: Account, trained: TrainedModel, dataset: Dataset, training: Training, gate: Gate, serving: Serving
) -> Comparison:
    """The candidate and what is live on the same test images: asked now, or before by any other run.

    Skipped where nothing is live, the gate ignores it, or the candidate is live already. Raises JobFailed, JobStopped and OutOfAttempts
    as the training does, and SpecDiffers where what is live is not this project's.
    """
    if gate.against_champion == "ignored":
        return Comparison(None, "skipped")
    champion = find_champion(account, serving)
    if champion is None:
        return Comparison(None, "skipped")
    if champion.training_job == trained.job_name:
        return Comparison(champion, "skipped", already_live=True)
    return evaluate(account, trained, champion, dataset, training)


def evaluate(account: Account, trained: TrainedModel, champion: Champion, dataset: Dataset, training: Training) -> Comparison:
    files = package_files("model")
    key = comparison_key(trained, champion, dataset_key=dataset.key, code_key=key_of_files(files), training=training)
    given = asked(account, training, files, key)
    request_of = partial(comparison_job_request, trained=trained, champion=champion, dataset=dataset, **given)
    jobs = Jobs(account, max_seconds=training.max_runtime_seconds + QUEUEING_SECONDS, product=OUTPUT)
    attempt = jobs.follow(partial(job_name, account.project, "evaluate", key), request_of, retry_failed=training.retry_failed)
    return read_comparison(client(account.credentials, "s3"), champion, attempt)

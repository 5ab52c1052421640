"""The task that evaluates: a job of its own, because what trained the model may not decide about it, and no flow holds torch."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from pedigree.aws.adoption import Attempt, Verdict, describe
from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import job_name, tag_list
from pedigree.evaluation.answers import read_comparison
from pedigree.evaluation.evaluation_job import comparison_job_request, comparison_key, models_asked
from pedigree.settings import Training
from pedigree.trained_model import Comparison, TrainedModel
from pedigree.training.code import key_of_files, package_files, upload_code
from pedigree.training.jobs import Following, Jobs, image_of
from pedigree.training.output import OUTPUT
from pedigree.training.training_job import QUEUEING_SECONDS, JobParts
from pedigree.values import Account, Champion, Dataset


def evaluate(account: Account, trained: TrainedModel, champion: Champion | None, dataset: Dataset, training: Training) -> Comparison:
    """The candidate on the test images, beside the champion where that is another model; what was evaluated before is adopted.

    Raises JobFailed, JobStopped and OutOfAttempts like a training, and InvalidInput where the bootstrap stack is too old.
    """
    require_role(account)
    jobs = Jobs(account, Following(max_seconds=training.max_runtime_seconds + QUEUEING_SECONDS, product=OUTPUT))
    other, before = champion, None
    if champion and champion.training_job == trained.job_name:
        other, before = None, evaluated_before(jobs, champion, models_asked(dataset, trained, None))
    request_of = partial(comparison_job_request, trained=trained, champion=other)
    attempt = before or follow(account, jobs, request_of, dataset, training)
    found = read_comparison(client(account.credentials, "s3"), dataset, other, attempt)
    return found if champion == other else replace(found, champion=champion, already_live=True)


def require_role(account: Account) -> None:
    if not account.evaluation_role:
        action = "deploy deployments/bootstrap.yaml again: `make bootstrap`, on a laptop `make down` and `make up`"
        raise InvalidInput("evaluation", account.project, "its bootstrap stack is of an earlier version and has no evaluation role", action)


def follow(account: Account, jobs: Jobs, request_of: Callable[..., Mapping[str, Any]], dataset: Dataset, training: Training) -> Attempt:
    files = package_files("model")
    code, image = upload_code(client(account.credentials, "s3"), account.bucket, files), image_of(account, training)
    parts = JobParts(account, dataset, code, training, image)
    key = comparison_key(request_of("", parts), dataset_key=dataset.key, code_key=key_of_files(files), training=training)
    return jobs.follow(
        partial(job_name, account.project, "evaluate", key),
        partial(request_of, parts=replace(parts, tags=tag_list(account, key))),
        retry_failed=training.retry_failed,
    )


def evaluated_before(jobs: Jobs, live: Champion, asked: Mapping[str, str]) -> Attempt | None:
    """The job by which the live model passed its gate, where it was `asked` about the same ({channel: URI}) and its output is there."""
    job = describe(jobs.kind, live.evaluation_job) if live.evaluation_job else None
    if job is None or jobs.verdict(job) is not Verdict.DONE:
        return None
    uris = {each["ChannelName"]: each["DataSource"]["S3DataSource"]["S3Uri"] for each in job["InputDataConfig"]}
    return Attempt(1, job["TrainingJobName"], job, "adopted") if asked.items() <= uris.items() else None

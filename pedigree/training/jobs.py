"""SageMaker jobs: adopted by their key or started, then followed to their end."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pedigree.aws.adoption import (
    LAST_LINES,
    MAX_WASTED_ATTEMPTS,
    Attempt,
    Place,
    Verdict,
    Wish,
    as_asked,
    ensure_attempt,
    out_of_attempts,
    require_retryable,
)
from pedigree.aws.clients import client
from pedigree.aws.images import pytorch_image
from pedigree.aws.logs import LogTail, limit_logs
from pedigree.aws.naming import job_name, tag_list
from pedigree.aws.objects import head, split_uri
from pedigree.aws.resources.sagemaker import JobKind
from pedigree.aws.resources.table import TRAINING_JOB
from pedigree.aws.waiting import wait_until
from pedigree.settings import Training
from pedigree.trained_model import TrainedModel
from pedigree.training.capacity import Places, lacked_capacity
from pedigree.training.code import key_of_files, package_files, upload_code
from pedigree.training.result import MODEL, product_uri, read_result
from pedigree.training.training_job import FRAMEWORK_VERSION, PYTHON_VERSION, QUEUEING_SECONDS, JobParts, training_job_request, training_key
from pedigree.training.watch import Watch, just_look
from pedigree.values import Account, Dataset

LOG = logging.getLogger(__name__)
SETTLING_SECONDS = 900  # what AWS may take to end a job whose time is over
AWS_FAULTS = ("InternalServerError", "ThrottlingException", "ServiceUnavailable")


def train_model(account: Account, dataset: Dataset, training: Training, watch: Watch = just_look) -> TrainedModel:
    """The model that these images, this code and these settings give: trained now, or before by any other run; `watch` sees the job run.

    Where AWS has no capacity for an instance type, the next attempt is on the next one. Raises JobFailed with the script's own reason,
    JobStopped, OutOfAttempts after three that AWS itself wasted and one more for each fallback, and what `watch` raises.
    """
    s3 = client(account.credentials, "s3")
    files = package_files("model")
    request_of, key = asked(training_job_request, account, dataset, training, files)
    jobs = jobs_of(account, training, watch)
    attempt = jobs.follow(partial(job_name, account.project, "train", key), request_of, retry_failed=training.retry_failed)
    return read_result(s3, key, key_of_files(files), attempt)


def jobs_of(account: Account, training: Training, watch: Watch, product: str = MODEL) -> "Jobs":
    """The jobs of a training, which may run on any of its instance types."""
    places = Places(training.instance_types, lambda instance_type: image_of(account, training.on(instance_type)))
    following = Following(
        max_seconds=training.max_runtime_seconds + QUEUEING_SECONDS + SETTLING_SECONDS,
        product=product,
        place=places.place,
        most_wasted=MAX_WASTED_ATTEMPTS + len(training.fallback_instance_types),
    )
    return Jobs(account, following, watch)


def asked(
    request: Callable[..., Mapping[str, Any]], account: Account, dataset: Dataset, training: Training, files: dict[str, Path]
) -> tuple[Callable[[str], Mapping[str, Any]], str]:
    """(`request` by the name of the job, its key) of a training that runs these files of model/, which are uploaded."""
    code = upload_code(client(account.credentials, "s3"), account.bucket, files)
    parts = JobParts(account, dataset, code, training, image_of(account, training))
    key = training_key(request("", parts), training)
    return partial(request, parts=replace(parts, tags=tag_list(account, key))), key


def image_of(account: Account, training: Training) -> str:
    return training.image or pytorch_image(
        "training", region=account.region, version=FRAMEWORK_VERSION, python=PYTHON_VERSION, instance_type=training.instance_type
    )


@dataclass(frozen=True, kw_only=True)
class Following:
    """How a job is followed: for how many seconds, to which product, and how often AWS may waste an attempt.

    A job whose `product` (MODEL or OUTPUT) is gone from S3 does not count as done. `place` and `most_wasted` are those of `ensure_attempt`.
    """

    max_seconds: float
    product: str = MODEL
    place: Place = as_asked
    most_wasted: int = MAX_WASTED_ATTEMPTS


class Jobs:
    """Jobs of an account, of training unless `kind` is another: started or adopted, then followed with their own lines in our log.

    `watch` sees each job run, with the new lines of its log.
    """

    def __init__(self, account: Account, following: Following, watch: Watch = just_look, kind: JobKind = TRAINING_JOB) -> None:
        self.kind, self.group = kind.on(client(account.credentials, "sagemaker")), f"/aws/sagemaker/{kind.noun}s"
        self._account, self.noun = account, kind.noun
        self._s3, self._logs = client(account.credentials, "s3"), client(account.credentials, "logs")
        self._following, self._watch = following, watch

    def follow(self, name_of: Callable[[int], str], request_of: Callable[[str], Mapping[str, Any]], *, retry_failed: bool) -> Attempt:
        """The attempt that ended well; after one that AWS itself failed comes the next, `most_wasted` in all."""
        limit_logs(self._account, self.group, shared=True)
        for _ in range(self._following.most_wasted):
            wish = Wish(name_of, request_of, self._following.place, retry_failed=retry_failed)
            adopting = replace(self.kind, describe=self._with_last_lines)
            attempt = ensure_attempt(adopting, wish, self.verdict, most_wasted=self._following.most_wasted)
            LOG.info(f"{self.kind.title.capitalize()} {attempt.name} {attempt.outcome}")
            ended, last_lines = self.wait(attempt)
            verdict = self.verdict(ended)
            if verdict is Verdict.DONE:
                return replace(attempt, description=ended)
            with_log = {**ended, LAST_LINES: last_lines}
            require_retryable(self.kind, attempt.name, with_log, verdict, retry_failed=False)
            LOG.warning(f"{self.kind.title.capitalize()} {attempt.name} is lost: {ended.get('FailureReason') or 'its artifact is gone'}")
        raise out_of_attempts(self.kind, attempt.name, with_log, verdict, self._following.most_wasted)

    def wait(self, attempt: Attempt) -> tuple[dict[str, Any], list[str]]:
        """(description of the ended job, last lines of its log)."""
        if attempt.description[f"{self.noun}Status"] == "Completed":
            return attempt.description, []
        tail = self._tail(attempt.name)

        def look() -> dict[str, Any]:
            job = self.kind.describe(attempt.name)
            self._watch(job, tail.pass_on())
            return job

        ended = wait_until(
            look,
            lambda job: job[f"{self.noun}Status"] not in ("InProgress", "Stopping"),
            step=self.kind.title,
            resource=attempt.name,
            seconds=self._following.max_seconds,
        )
        return ended, list(tail.last)

    def _tail(self, name: str) -> LogTail:
        return LogTail(self._logs, self.group, f"{name}/")

    def _with_last_lines(self, name: str) -> dict[str, Any]:
        """The description of a job; one that failed in an earlier run brings the last lines of its log, which say why."""
        job = self.kind.describe(name)
        if job[f"{self.noun}Status"] not in ("Failed", "Stopped"):
            return job
        tail = self._tail(name)
        tail.read()
        return {**job, LAST_LINES: list(tail.last)}

    def verdict(self, job: dict[str, Any]) -> Verdict:
        if lacked_capacity(job):
            return Verdict.TEMPORARY
        match job["TrainingJobStatus"]:
            case "Completed":
                there = head(self._s3, *split_uri(product_uri(job, self._following.product))) is not None
                return Verdict.DONE if there else Verdict.LOST
            case "Failed":
                by_aws = str(job.get("FailureReason", "")).startswith(AWS_FAULTS)
                return Verdict.TEMPORARY if by_aws else Verdict.FAILED
            case "Stopped":
                return Verdict.STOPPED
            case _:
                return Verdict.IN_PROGRESS

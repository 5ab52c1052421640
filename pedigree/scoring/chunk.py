"""The scoring of one chunk of images: adopt or start its transform job, and turn the answers into rows."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from pedigree.aws.adoption import Attempt, Verdict
from pedigree.aws.clients import S3Client, client
from pedigree.aws.errors import JobFailed
from pedigree.aws.naming import job_name
from pedigree.aws.objects import head, put_json, read_json
from pedigree.aws.resources.sagemaker import stop_job
from pedigree.aws.resources.table import TRANSFORM_JOB
from pedigree.scoring.answers import count_answers, read_answers
from pedigree.scoring.images import BadImage
from pedigree.scoring.model import ScoringModel
from pedigree.scoring.plan import seconds_of
from pedigree.scoring.transform_job import COUNT, Chunk, folder_of, manifest_of, transform_job_request
from pedigree.scoring.watch import ScoreWatch
from pedigree.settings import Scoring
from pedigree.training.jobs import AWS_FAULTS, Following, Jobs
from pedigree.values import Account, Outcome

MAX_SECONDS = 5 * 86_400  # AWS stops a transform job after this time
PASSING = (*AWS_FAULTS, "CapacityError")


@dataclass(frozen=True)
class ScoredChunk:
    """A scored chunk; `predictions` is the S3 key of its rows in JSON Lines, `seconds` are the billed seconds."""

    job_name: str
    predictions: str
    counts: dict[str, int]
    bad: tuple[BadImage, ...]
    seconds: float
    outcome: Outcome


def score_chunk(account: Account, model: ScoringModel, chunk: Chunk, scoring: Scoring, watch: ScoreWatch) -> ScoredChunk:
    """Score a chunk, or adopt the predictions of an earlier run; `done.json` is written last and marks a complete chunk.

    Raises JobFailed, JobStopped and OutOfAttempts like a training, and BudgetExceeded.
    """
    s3, name = client(account.credentials, "s3"), chunk.name(account.project)
    folder = folder_of(name)
    scored = read_scored(s3, account.bucket, folder)
    if scored is None:
        if head(s3, account.bucket, f"{folder}manifest.json") is None:
            put_json(s3, account.bucket, f"{folder}manifest.json", manifest_of(chunk))
        attempt = follow(account, model.name, chunk, scoring, watch)
        rows, bad = read_answers(s3, account.bucket, folder, chunk, model.package)
        body = "".join(json.dumps(row) + "\n" for row in rows)
        s3.put_object(Bucket=account.bucket, Key=f"{folder}predictions.jsonl", Body=body.encode())
        counts, seconds = Counter(row["label"] for row in rows), seconds_of(attempt.description)
        scored = ScoredChunk(attempt.name, f"{folder}predictions.jsonl", dict(counts), tuple(bad), seconds, attempt.outcome)
        put_json(s3, account.bucket, f"{folder}done.json", asdict(scored))
    watch.answered(name, len(chunk.images))
    return scored


def read_scored(s3: S3Client, bucket: str, folder: str) -> ScoredChunk | None:
    done = read_json(s3, bucket, f"{folder}done.json")
    return done and ScoredChunk(**{**done, "bad": tuple(BadImage(**each) for each in done["bad"]), "outcome": "adopted"})


def follow(account: Account, model: str, chunk: Chunk, scoring: Scoring, watch: ScoreWatch) -> Attempt:
    """Follow the transform job to the attempt that answered every image."""
    s3, sagemaker = client(account.credentials, "s3"), client(account.credentials, "sagemaker")
    name, images = chunk.name(account.project), len(chunk.images)
    answered = partial(count_answers, s3, f"s3://{account.bucket}/{folder_of(name)}answers")

    def look(job: Mapping[str, Any], _lines: Iterable[str]) -> None:
        watch.answered(name, min(images, answered()))
        watch.billed(job, lambda: stop_job(sagemaker, job["TransformJobName"], TRANSFORM_JOB.noun))

    request_of = partial(transform_job_request, account=account, model=model, chunk=chunk, scoring=scoring)
    jobs = TransformJobs(account, Following(max_seconds=MAX_SECONDS), look, TRANSFORM_JOB)
    try:
        return jobs.follow(partial(job_name, account.project, "score", chunk.key), request_of, retry_failed=scoring.retry_failed)
    except JobFailed as error:
        cause = f"{images - answered()} of its {images} images have no answer: {error.cause}"
        raise JobFailed(error.step, error.resource, cause, error.action, error.lines) from error


class TransformJobs(Jobs):
    """Transform jobs; a completed job without an answer for every image does not count as done."""

    def verdict(self, job: dict[str, Any]) -> Verdict:
        match job["TransformJobStatus"]:
            case "Completed":
                answered = count_answers(self._s3, job["TransformOutput"]["S3OutputPath"])
                return Verdict.DONE if answered >= int(job["Environment"][COUNT]) else Verdict.LOST
            case "Failed":
                return Verdict.TEMPORARY if str(job.get("FailureReason", "")).startswith(PASSING) else Verdict.FAILED
            case "Stopped":
                return Verdict.STOPPED
            case _:
                return Verdict.IN_PROGRESS

"""The answers that the evaluation job left in S3, as a value."""

import json
from collections.abc import Sequence

from pedigree.aws.adoption import Attempt
from pedigree.aws.clients import S3Client
from pedigree.training.result import MODEL, product_uri, read_output
from pedigree.values import Champion, Comparison


def read_comparison(s3: S3Client, champion: Champion, attempt: Attempt) -> Comparison:
    """The answers in the job's `comparison.json`, counted."""
    output = read_output(s3, product_uri(attempt.description, MODEL))
    return count_answers(json.loads(output["comparison.json"])["images"], champion, attempt)


def count_answers(images: Sequence[dict[str, str]], champion: Champion, attempt: Attempt) -> Comparison:
    """How often each model is right, and how often only one of them is; an image is {file, label, candidate, champion} in class names."""
    right = [(image["candidate"] == image["label"], image["champion"] == image["label"]) for image in images]
    return Comparison(
        champion,
        attempt.outcome,
        job_name=attempt.name,
        images=len(images),
        candidate_correct=sum(candidate for candidate, _ in right),
        champion_correct=sum(live for _, live in right),
        gained=right.count((True, False)),
        lost=right.count((False, True)),
        billable_seconds=attempt.description.get("BillableTimeInSeconds", 0),
    )

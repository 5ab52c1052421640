"""The findings that an evaluation job left in S3, as a value."""

from dataclasses import dataclass
from textwrap import shorten
from typing import Annotated, Any

from pydantic import Field

from pedigree.aws.adoption import Attempt
from pedigree.aws.archives import BadArchive, parse
from pedigree.aws.clients import S3Client
from pedigree.trained_model import Comparison, Evaluation
from pedigree.training.output import OUTPUT, content_of, read_evaluation, read_output, readable
from pedigree.training.result import product_uri
from pedigree.values import Champion, Dataset

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Answer:
    """The predictions for one test image, as class names; None without a champion."""

    file: str
    label: str
    candidate: str
    champion: str | None = None


@dataclass(frozen=True)
class Answers:
    """The content of comparison.json, by the names of the channels."""

    sha256: dict[str, Digest]
    classes: dict[str, list[str]]
    images: list[Answer]


def read_comparison(s3: S3Client, dataset: Dataset, champion: Champion | None, attempt: Attempt) -> Comparison:
    """The findings of a completed job; JobFailed where they are not about the classes and images of the dataset."""
    uri = product_uri(attempt.description, OUTPUT)
    output = read_output(s3, uri)
    with readable(uri):
        evaluation = read_evaluation(output)
        answers = parse(Answers, "comparison.json", content_of(output, "comparison.json"))
        require_about(dataset, evaluation, answers, {"candidate", "champion"} if champion else {"candidate"})
    return Comparison(
        champion,
        attempt.outcome,
        evaluation,
        artifact_sha256=answers.sha256["candidate"],
        job_name=attempt.name,
        output=uri,
        billable_seconds=attempt.description.get("BillableTimeInSeconds", 0),
        **(count_answers(answers) if champion else {}),
    )


def require_about(dataset: Dataset, evaluation: Evaluation, answers: Answers, models: set[str]) -> None:
    """Require the classes of the dataset in their order, every test image once, and these models."""
    if evaluation.classes != dataset.classes:
        found, wanted = (shorten(", ".join(classes), 200, placeholder=" ...") for classes in (evaluation.classes, dataset.classes))
        raise BadArchive(f"the candidate has the classes {found}, and the dataset has {wanted}")
    counts = {evaluation.images, len(answers.images), len({answer.file for answer in answers.images})}
    if counts != {dataset.counts["test"]}:
        raise BadArchive(f"it is about {evaluation.images} test images, and the dataset has {dataset.counts['test']}")
    if not (models <= answers.sha256.keys() == answers.classes.keys()):
        raise BadArchive(f"comparison.json is about {sorted(answers.sha256)}, and {sorted(models)} were asked about")


def count_answers(answers: Answers) -> dict[str, Any]:
    """The counts of a Comparison: how often each model is right, and how often only one of them is, on the classes that both know."""
    ours, theirs = (tuple(answers.classes[name]) for name in ("candidate", "champion"))
    shared = tuple(name for name in ours if name in theirs)
    right = [(answer.candidate == answer.label, answer.champion == answer.label) for answer in answers.images if answer.label in shared]
    return {
        "images": len(right),
        "candidate_correct": sum(candidate for candidate, _ in right),
        "champion_correct": sum(live for _, live in right),
        "gained": right.count((True, False)),
        "lost": right.count((False, True)),
        "classes": shared,
        "added": tuple(name for name in ours if name not in shared),
        "missing": tuple(name for name in theirs if name not in shared),
    }

"""The `output.tar.gz` of a job, read as what a stranger wrote."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Annotated

from pydantic import Field, FiniteFloat

from pedigree.aws.archives import MB, BadArchive, Known, parse, read_archive
from pedigree.aws.clients import S3Client
from pedigree.aws.errors import JobFailed
from pedigree.aws.objects import split_uri
from pedigree.trained_model import Evaluation, Proof

OUTPUT = "output.tar.gz"
KNOWN = (
    *(Known.whole(rf"{name}\.json", 64 * MB) for name in ("history", "evaluation", "distributed", "comparison")),
    Known.whole(r"samples/\d\d\.jpg", MB),
    Known.whole(r"pairs/\d-(mistaken|typical)\.jpg", MB),
)
Count = Annotated[int, Field(ge=0)]
Epoch = dict[str, FiniteFloat]


@dataclass(frozen=True)
class Sample:
    """One prediction with its image."""

    file: str
    label: str
    predicted: str
    probability: Annotated[FiniteFloat, Field(ge=0, le=1)]
    image: str


@dataclass(frozen=True)
class Pair:
    """Two classes that are confused, each with an image; `typical` is None for a class that was never right."""

    label: str
    predicted: str
    mistaken: str
    typical: str | None = None


@dataclass(frozen=True)
class Written:
    """The members of evaluation.json that the orchestrator needs."""

    classes: Annotated[list[str], Field(min_length=1)]
    confusion: list[list[Count]]
    samples: list[Sample]
    pairs: list[Pair] = field(default_factory=list)


@contextmanager
def readable(uri: str) -> Iterator[None]:
    """JobFailed in place of BadArchive: the output at this URI is not what a job of ours writes."""
    try:
        yield
    except BadArchive as problem:
        action = "look at the code and the log of the job; once all its output in S3 is deleted, the next run makes the job again"
        raise JobFailed("job output", uri, str(problem), action) from problem


def read_output(s3: S3Client, uri: str) -> dict[str, bytes]:
    """{name: content} of the members of a job's output; JobFailed as of `readable`."""
    bucket, key = split_uri(uri)
    with TemporaryFile() as file, readable(uri):
        copyfileobj(s3.get_object(Bucket=bucket, Key=key)["Body"], file)
        file.seek(0)
        return {name: member.content for name, member in read_archive(file, KNOWN).items()}


def read_history(output: Mapping[str, bytes]) -> list[Epoch]:
    """One row an epoch; BadArchive where there is none."""
    history = parse(list[Epoch], "history.json", content_of(output, "history.json"))
    if not history:
        raise BadArchive("history.json has no epoch")
    return history


def read_evaluation(output: Mapping[str, bytes]) -> Evaluation:
    """The findings of a job about a split; BadArchive where the parts do not fit together."""
    written = parse(Written, "evaluation.json", content_of(output, "evaluation.json"))
    count = len(written.classes)
    if len(set(written.classes)) < count:
        raise BadArchive("evaluation.json names a class twice")
    if [len(row) for row in written.confusion] != [count] * count:
        raise BadArchive(f"the confusion matrix of evaluation.json is not {count} x {count}")
    if not any(map(any, written.confusion)):
        raise BadArchive("the confusion matrix of evaluation.json counts no image")
    pairs = tuple({name: value for name, value in asdict(pair).items() if value is not None} for pair in written.pairs)
    evaluation = Evaluation(tuple(written.classes), written.confusion, [asdict(sample) for sample in written.samples], pairs)
    require_images(evaluation, output)
    return evaluation


def require_images(evaluation: Evaluation, output: Mapping[str, bytes]) -> None:
    shown = [*evaluation.samples, *evaluation.pairs]
    if strange := {row[role] for row in shown for role in ("label", "predicted")} - set(evaluation.classes):
        raise BadArchive(f"evaluation.json shows images of {min(strange)!r}, which is no class of it")
    if missing := set(evaluation.shown_images) - set(output):
        raise BadArchive(f"evaluation.json shows {min(missing)}, which is not there")


def read_proof(output: Mapping[str, bytes]) -> Proof | None:
    """The proof that all processes trained one model; None for a training of one process."""
    return parse(Proof, "distributed.json", output["distributed.json"]) if "distributed.json" in output else None


def content_of(output: Mapping[str, bytes], name: str) -> bytes:
    if name not in output:
        raise BadArchive(f"there is no {name} in it")
    return output[name]

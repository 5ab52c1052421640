"""The contents of a model artifact as far as the orchestrator reads them: the model card, golden images, the header of the weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Annotated

from pydantic import Field, FiniteFloat

from pedigree.artifact.golden import Golden, GoldenImage
from pedigree.aws.archives import MB, BadArchive, Known, Member, parse, read_archive
from pedigree.aws.clients import S3Client
from pedigree.aws.objects import split_uri
from pedigree.aws.tensors import MOST_HEADER, tensors_of

WEIGHTS, CARD, ANSWERS = "model.safetensors", "model.json", "golden/golden.json"
KNOWN = (
    Known(WEIGHTS, 100_000 * MB, 8 + MOST_HEADER),
    Known.whole(CARD, MB),
    Known.whole(ANSWERS, 16 * MB),
    Known.whole(r"golden/\d{1,2}\.jpg", 6 * MB),  # InvokeEndpoint takes no larger body
    *(Known(rf"{folder}/[\w-]+\.(py|txt)", MB, 0) for folder in ("code", "code/model")),
)
LARGEST_TOLERANCE = 0.1  # of a logit: twice what model/artifact.py writes, and less than between two models


@dataclass(frozen=True)
class Card:
    """The members of model.json that the orchestrator needs."""

    classes: Annotated[list[str], Field(min_length=2)]
    golden_tolerance: Annotated[FiniteFloat, Field(gt=0, le=LARGEST_TOLERANCE)]


@dataclass(frozen=True)
class Answer:
    """One golden image in golden.json, with the logits that the model gave for it."""

    file: str
    label: str
    logits: list[FiniteFloat]


def read_golden(s3: S3Client, artifact: str) -> Golden:
    """The golden images of `model.tar.gz`, which is read once and not kept; BadArchive as of `read_checked`."""
    with TemporaryFile() as file:
        s3.download_fileobj(*split_uri(artifact), file)
        file.seek(0)
        return read_checked(file)


def read_checked(file: IO[bytes]) -> Golden:
    """The golden images of an artifact; BadArchive where it is damaged, holds what it should not, or does not fit together."""
    found = read_archive(file, KNOWN)
    if missing := [name for name in (WEIGHTS, CARD, ANSWERS) if name not in found]:
        raise BadArchive(f"there is no {missing[0]} in it")
    golden = golden_of(found)
    tensors = tensors_of(WEIGHTS, found[WEIGHTS].content, found[WEIGHTS].size)
    require_fitting(golden, {tensor.shape[0] for tensor in tensors if tensor.shape})
    return golden


def golden_of(found: Mapping[str, Member]) -> Golden:
    card, answers = parse(Card, CARD, found[CARD].content), parse(list[Answer], ANSWERS, found[ANSWERS].content)
    pictures = {name.removeprefix("golden/"): member.content for name, member in found.items() if name.endswith(".jpg")}
    if sorted(pictures) != sorted(answer.file for answer in answers):
        raise BadArchive(f"{ANSWERS} does not name each picture in golden/ once, and no other")
    images = [GoldenImage(answer.file, answer.label, pictures[answer.file], answer.logits) for answer in answers]
    return Golden(card.classes, card.golden_tolerance, images)


def require_fitting(golden: Golden, rows: set[int]) -> None:
    count = len(golden.classes)
    if len(set(golden.classes)) < count:
        raise BadArchive(f"{CARD} names a class twice")
    if not golden.images:
        raise BadArchive("there are no golden images in it")
    if count not in rows:
        raise BadArchive(f"{CARD} names {count} classes, but no tensor of the weights has {count} rows")
    for image in golden.images:
        if len(image.logits) != count:
            raise BadArchive(f"{image.file} has {len(image.logits)} logits for {count} classes")
        if image.label not in golden.classes:
            raise BadArchive(f"{image.file} is labelled {image.label!r}, which is no class of {CARD}")

"""Golden images: a few test images in the artifact, with the logits that its model gave for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pedigree.aws.clients import SageMakerRuntimeClient
from pedigree.aws.errors import ANY_AWS_ERROR, is_throttled
from pedigree.aws.failures import words_of
from pedigree.aws.waiting import Busy, ask_patiently

BUSY_SECONDS = 180.0  # for one image; a busy endpoint has time to scale out


@dataclass(frozen=True)
class GoldenImage:
    """One image as encoded bytes; `label` is its class, `logits` are the model's answer."""

    file: str
    label: str
    content: bytes
    logits: list[float]

    @property
    def top(self) -> int:
        return index_of_largest(self.logits)


@dataclass(frozen=True)
class Golden:
    """All golden images of an artifact; answers may differ from the recorded logits by at most `tolerance`."""

    classes: list[str]
    tolerance: float
    images: list[GoldenImage]


def wrong_answers(runtime: SageMakerRuntimeClient, endpoint: str, golden: Golden) -> list[str]:
    """The wrong answers of the endpoint, in words; empty when all are right."""
    return [problem for image in golden.images if (problem := check_endpoint(runtime, endpoint, image, golden.tolerance))]


def check_endpoint(runtime: SageMakerRuntimeClient, endpoint: str, image: GoldenImage, tolerance: float) -> str | None:
    """The problem of the endpoint's answer; Throttled when it is too busy to give one within BUSY_SECONDS."""

    def ask() -> str | None:
        try:
            answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="image/jpeg", Accept="application/json", Body=image.content)
        except ANY_AWS_ERROR as error:
            if is_throttled(error):
                raise Busy from error
            return f"{image.file}: {words_of(error)}"
        return compare(image, json.loads(answer["Body"].read()), tolerance)

    return ask_patiently(ask, step="golden images", resource=endpoint, seconds=BUSY_SECONDS)


def compare(image: GoldenImage, answer: Any, tolerance: float) -> str | None:
    """The problem of an answer; None when top-1 is equal and all logits are within the tolerance."""
    if not (isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], list) and len(answer[0]) == len(image.logits)):
        return f"{image.file}: the answer is not [[{len(image.logits)} logits]]"
    difference = max(abs(given - recorded) for given, recorded in zip(answer[0], image.logits, strict=True))
    top = index_of_largest(answer[0])
    if top != image.top or difference > tolerance:
        return f"{image.file}: class {top} instead of {image.top}, largest logit difference {difference:.2g} (tolerance {tolerance:.2g})"
    return None


def index_of_largest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)

"""The four functions of SageMaker's inference toolkit; every server of an artifact calls them.

https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#serve-a-pytorch-model

    RequestError        a mistake of the caller, with an HTTP status
        UnsupportedType     415
        BadImage            422
        TooLarge            413
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from model import images
from model.artifact import ModelCard, read_card, read_network
from model.network import device

CONTENT_TYPES = ("image/jpeg", "image/png", "application/x-image")
REFUSALS_ANSWERED = "refusals=answered"  # a parameter of the content type: in batch transform one bad image must not fail the whole job


class RequestError(ValueError):
    status = 400


class UnsupportedType(RequestError):
    status = 415


class BadImage(RequestError):
    status = 422


class TooLarge(RequestError):
    status = 413


@dataclass(frozen=True)
class Classifier:
    card: ModelCard
    network: nn.Module
    device: torch.device


@dataclass(frozen=True)
class Unopened:
    """Image bytes that are decoded later: the caller wants a refusal as an answer, not as an error status."""

    body: bytes


@dataclass(frozen=True)
class Refusal:
    """An answer in place of a prediction; `type` is the class name of a RequestError."""

    type: str
    message: str


@dataclass(frozen=True)
class Prediction:
    """Logits `(1, classes)` and the class names of the model that computed them."""

    logits: torch.Tensor
    classes: tuple[str, ...]


def model_fn(model_dir: str) -> Classifier:
    """Load the artifact in a folder, onto the GPU if there is one."""
    folder = Path(model_dir)
    card = read_card(folder)
    return Classifier(card, read_network(folder, card).to(device()), device())


def input_fn(body: bytes, content_type: str) -> Image.Image | Unopened:
    """Accept a JPEG or PNG; `predict_fn` decodes the pixels, because it knows the image size of the model."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type not in CONTENT_TYPES:
        raise UnsupportedType(f"content type {content_type!r} is not supported: send one of {', '.join(CONTENT_TYPES)}")
    return Unopened(body) if REFUSALS_ANSWERED in parameters else open_body(body)


def predict_fn(image: Image.Image | Unopened, classifier: Classifier) -> Prediction | Refusal:
    if not isinstance(image, Unopened):
        return predict(image, classifier)
    try:
        return predict(open_body(image.body), classifier)
    except RequestError as error:
        return Refusal(type(error).__name__, str(error))


def output_fn(prediction: Prediction | Refusal, accept: str) -> tuple[str, str]:
    """Serialise a prediction: the body and its content type.

    The body is `[[logit, ...]]`, or for `application/json;labels` the class names with their probabilities, the most probable first.
    A refusal becomes `{"error": {"type", "message"}}`, the same body as an error status has.
    """
    if isinstance(prediction, Refusal):
        return json.dumps({"error": asdict(prediction)}), "application/json"
    if "labels" not in accept.lower():
        return json.dumps(prediction.logits.tolist()), "application/json"
    probabilities = prediction.logits[0].softmax(0).tolist()
    answers = [{"label": name, "probability": value} for name, value in zip(prediction.classes, probabilities, strict=True)]
    return json.dumps(sorted(answers, key=lambda answer: -answer["probability"])), "application/json"


def open_body(body: bytes) -> Image.Image:
    try:
        return images.open_image(body)
    except images.ImageTooLarge as error:
        raise TooLarge(str(error)) from error
    except images.UnreadableImage as error:
        raise BadImage(str(error)) from error


def predict(image: Image.Image, classifier: Classifier) -> Prediction:
    card = classifier.card
    try:
        batch = images.pixels(image, card.image_size)[None].to(classifier.device)
    except images.UnreadableImage as error:
        raise BadImage(str(error)) from error
    with torch.inference_mode():
        logits = classifier.network(images.normalize(batch, card.mean, card.std))
    return Prediction(logits.float().cpu(), card.classes)

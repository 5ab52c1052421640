"""The four functions of SageMaker's inference toolkit; every server of an artifact goes through them.

https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#serve-a-pytorch-model

    RequestError        the caller's mistake, with an HTTP status
        UnsupportedType     415
        BadImage            422
        TooLarge            413
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from model import images
from model.artifact import ModelCard, read_card, read_network
from model.network import device

CONTENT_TYPES = ("image/jpeg", "image/png", "application/x-image")


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
class Prediction:
    """Logits `(1, classes)` and the class names of the model that gave them."""

    logits: torch.Tensor
    classes: tuple[str, ...]


def model_fn(model_dir: str) -> Classifier:
    """Load the artifact in a folder, on the GPU if there is one."""
    folder = Path(model_dir)
    card = read_card(folder)
    return Classifier(card, read_network(folder, card).to(device()), device())


def input_fn(body: bytes, content_type: str) -> Image.Image:
    """Accept a JPEG or PNG; its pixels are decoded by `predict_fn`, which knows the size the model wants."""
    media_type = content_type.split(";")[0].strip().lower()
    if media_type not in CONTENT_TYPES:
        raise UnsupportedType(f"content type {content_type!r} is not supported: send one of {', '.join(CONTENT_TYPES)}")
    try:
        return images.open_image(body)
    except images.ImageTooLarge as error:
        raise TooLarge(str(error)) from error
    except images.UnreadableImage as error:
        raise BadImage(str(error)) from error


def predict_fn(image: Image.Image, classifier: Classifier) -> Prediction:
    card = classifier.card
    try:
        batch = images.pixels(image, card.image_size)[None].to(classifier.device)
    except images.UnreadableImage as error:
        raise BadImage(str(error)) from error
    with torch.inference_mode():
        logits = classifier.network(images.normalize(batch, card.mean, card.std))
    return Prediction(logits.float().cpu(), card.classes)


def output_fn(prediction: Prediction, accept: str) -> tuple[str, str]:
    """The body and its content type: `[[logit, ...]]`, or for `application/json;labels` names and probabilities, the likeliest first."""
    if "labels" not in accept.lower():
        return json.dumps(prediction.logits.tolist()), "application/json"
    probabilities = prediction.logits[0].softmax(0).tolist()
    answers = [{"label": name, "probability": value} for name, value in zip(prediction.classes, probabilities, strict=True)]
    return json.dumps(sorted(answers, key=lambda answer: -answer["probability"])), "application/json"

import json

import pytest
import torch
from PIL import Image

from model import images
from model.inference import BadImage, Prediction, TooLarge, UnsupportedType, input_fn, output_fn
from tests.model.containers import encoded

PREDICTION = Prediction(torch.tensor([[0.0, 2.0, 1.0]]), ("cat", "dog", "eel"))


@pytest.mark.parametrize("content_type", ["image/jpeg", "IMAGE/JPEG; name=a.jpg", "image/png", "application/x-image"])
def test_pictures_are_accepted(content_type: str) -> None:
    assert isinstance(input_fn(encoded((1, 2, 3)), content_type), Image.Image)


@pytest.mark.parametrize("content_type", ["", "application/json", "image/webp"])
def test_other_types_are_not(content_type: str) -> None:
    with pytest.raises(UnsupportedType, match="send one of image/jpeg"):
        input_fn(encoded((1, 2, 3)), content_type)


def test_unreadable_bytes_are_the_callers_mistake() -> None:
    with pytest.raises(BadImage):
        input_fn(b"no picture", "image/jpeg")


def test_too_many_pixels_are_the_callers_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 100)
    with pytest.raises(TooLarge):
        input_fn(encoded((1, 2, 3)), "image/jpeg")


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_logits_are_the_usual_answer(accept: str) -> None:
    assert output_fn(PREDICTION, accept) == ("[[0.0, 2.0, 1.0]]", "application/json")


def test_labels_come_likeliest_first_with_probabilities() -> None:
    body, content_type = output_fn(PREDICTION, "application/json;labels")
    answers = json.loads(body)
    assert content_type == "application/json"
    assert [answer["label"] for answer in answers] == ["dog", "eel", "cat"]
    assert sum(answer["probability"] for answer in answers) == pytest.approx(1)

"""The artifact's `code/inference.py` under a stand-in for the toolkit of AWS's image, which knows the errors of its own only."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from model.artifact import ModelCard, write_artifact
from model.images import MEAN, STD
from model.network import build_network
from tests.model.containers import COLOURS, encoded

CARD = ModelCard("small_cnn", ("cat", "dog"), 32, MEAN, STD, metrics={}, baseline=0.5)


class ToolkitError(Exception):
    def __init__(self, status_code: int, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_artifact(tmp_path, build_network("small_cnn", 2), CARD)
    return tmp_path


@pytest.fixture
def script(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    errors = ModuleType("sagemaker_inference.errors")
    errors.GenericInferenceToolkitError = ToolkitError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sagemaker_inference", ModuleType("sagemaker_inference"))
    monkeypatch.setitem(sys.modules, "sagemaker_inference.errors", errors)
    spec = importlib.util.spec_from_file_location("inference", folder / "code/inference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predict(script: Any, folder: Path, body: bytes, content_type: str) -> Any:
    """As the toolkit's transformer does it."""
    prediction = script.predict_fn(script.input_fn(body, content_type), script.model_fn(str(folder)))
    return script.output_fn(prediction, "application/json")


def test_a_picture_is_answered_with_its_logits(script: Any, folder: Path) -> None:
    body, content_type = predict(script, folder, encoded(COLOURS["red"]), "image/jpeg")
    assert (body[:2], content_type) == ("[[", "application/json")


def test_in_a_batch_a_refusal_is_an_answer(script: Any, folder: Path) -> None:
    """A status of its own would fail the transform job of all other images."""
    for body, kind in ((b"no picture", "BadImage"), (encoded(COLOURS["red"])[:400], "BadImage")):
        answer, _ = predict(script, folder, body, "application/x-image;refusals=answered")
        assert json.loads(answer)["error"]["type"] == kind
    answer, _ = predict(script, folder, encoded(COLOURS["red"]), "application/x-image; refusals=answered")
    assert answer[:2] == "[["


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [(b"no picture", "image/jpeg", 422), (encoded(COLOURS["red"])[:400], "image/jpeg", 422), (b"{}", "application/json", 415)],
    ids=["unreadable", "cut off", "wrong type"],
)
def test_a_callers_mistake_keeps_its_status(script: Any, folder: Path, body: bytes, content_type: str, status: int) -> None:
    with pytest.raises(ToolkitError) as refused:
        predict(script, folder, body, content_type)
    assert refused.value.status_code == status

import json
import shutil
from pathlib import Path

import pytest
import torch

from model.artifact import ModelCard, read_card, read_network, write_artifact
from model.images import MEAN, STD
from model.network import build_network

CARD = ModelCard(
    architecture="small_cnn",
    classes=("cat", "dog"),
    image_size=32,
    mean=MEAN,
    std=STD,
    metrics={"test_accuracy": 0.5},
    baseline=0.5,
    dataset_digest="abc",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_artifact(tmp_path / "artifact", build_network("small_cnn", 2), CARD)
    return tmp_path / "artifact"


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    network = build_network("small_cnn", 2).eval()
    write_artifact(tmp_path, network, CARD)
    card = read_card(tmp_path)
    batch = torch.rand(3, 3, 32, 32)
    assert card == CARD
    assert torch.equal(read_network(tmp_path, card)(batch), network(batch))


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"has no {name}"):
        read_network(folder, read_card(folder))


def test_a_card_that_lacks_a_field_is_refused(folder: Path) -> None:
    values = json.loads((folder / "model.json").read_text())
    del values["classes"]
    (folder / "model.json").write_text(json.dumps(values))
    with pytest.raises(ValueError, match=r"model\.json has no classes"):
        read_card(folder)


def test_a_card_of_an_earlier_release_calls_the_baseline_chance(folder: Path) -> None:
    values = json.loads((folder / "model.json").read_text())
    values["chance"] = values.pop("baseline")
    (folder / "model.json").write_text(json.dumps(values))
    assert read_card(folder) == CARD


def test_weights_of_another_class_count_are_refused(folder: Path, tmp_path: Path) -> None:
    write_artifact(tmp_path / "three", build_network("small_cnn", 3), CARD)
    shutil.copy(tmp_path / "three/model.safetensors", folder)
    with pytest.raises(ValueError, match="do not fit small_cnn with 2 classes"):
        read_network(folder, read_card(folder))


def test_the_code_travels_with_the_weights(folder: Path) -> None:
    assert '"input_fn", "model_fn", "output_fn", "predict_fn"' in (folder / "code/inference.py").read_text()
    assert (folder / "code/model/serve.py").is_file()
    assert "safetensors" in (folder / "code/requirements.txt").read_text()

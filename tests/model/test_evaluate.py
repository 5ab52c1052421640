import json
from pathlib import Path

import pytest
import torch

from model.data import ImageSet, read_index
from model.evaluate import Evaluation, evaluate, write_evaluation, write_thumbnail
from model.network import build_network
from tests.model.containers import coloured, write_shard

CLASSES = ["blue", "green", "red"]


@pytest.fixture
def images(tmp_path: Path) -> ImageSet:
    write_shard(tmp_path / "channel/000.tar", coloured(5, seed=0))
    return ImageSet(read_index(tmp_path / "channel"), CLASSES, 32)


@pytest.mark.parametrize("batch_size", [1, 4, 7])
def test_loss_and_accuracy_are_means_over_pictures_whatever_the_batches(images: ImageSet, batch_size: int) -> None:
    torch.manual_seed(0)
    network, cpu = build_network("small_cnn", 3), torch.device("cpu")
    whole, parts = evaluate(network, images, cpu, batch_size=15), evaluate(network, images, cpu, batch_size=batch_size)
    assert parts.loss == pytest.approx(whole.loss, rel=1e-5)
    assert parts.accuracy == whole.accuracy


def test_figures_of_known_logits() -> None:
    logits = torch.tensor([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 0.0]])
    evaluation = Evaluation(logits, torch.tensor([0, 0, 1, 1]))
    assert evaluation.accuracy == 0.75
    assert evaluation.loss == pytest.approx((3 * 0.126928 + 2.126928) / 4, abs=1e-5)
    assert evaluation.confusion == [[2, 0], [1, 1]]


@pytest.mark.parametrize(("labels", "baseline"), [([0, 1, 2, 0, 1, 2], 1 / 3), ([0, 0, 0, 1], 0.75)])
def test_the_baseline_is_the_share_of_the_commonest_class(labels: list[int], baseline: float) -> None:
    assert Evaluation(torch.zeros(len(labels), 3), torch.tensor(labels)).baseline == pytest.approx(baseline)


def test_the_evaluation_lists_every_picture_and_shows_wrong_ones_too(images: ImageSet, tmp_path: Path) -> None:
    logits = torch.nn.functional.one_hot(images.labels, 3) * 9.0
    logits[3] = torch.tensor([0.0, 0.0, 9.0])
    write_evaluation(tmp_path, Evaluation(logits, images.labels), images.entries, CLASSES)
    written = json.loads((tmp_path / "evaluation.json").read_text())
    assert [entry["file"] for entry in written["images"]] == [picture.file for picture in images.entries]
    assert written["images"][3] == {"file": "blue/03.jpg", "label": "blue", "predicted": "red", "probability": 0.9998}
    assert written["confusion"] == [[4, 0, 1], [0, 5, 0], [0, 0, 5]]
    assert len(written["samples"]) == 12
    assert [entry["file"] for entry in written["samples"] if entry["label"] != entry["predicted"]] == ["blue/03.jpg"]
    assert all((tmp_path / entry["image"]).is_file() for entry in written["samples"])


def test_the_most_confused_pairs_are_shown_with_a_picture_of_what_was_mistaken_and_of_what_it_was_taken_for(
    images: ImageSet, tmp_path: Path
) -> None:
    logits = torch.nn.functional.one_hot(images.labels, 3) * 9.0
    logits[3], logits[4], logits[5] = torch.tensor([0.0, 0.0, 5.0]), torch.tensor([0.0, 0.0, 9.0]), torch.tensor([9.0, 0.0, 0.0])
    logits[10:] = torch.tensor([0.0, 9.0, 0.0])  # nothing that is red is called so
    write_evaluation(tmp_path, Evaluation(logits, images.labels), images.entries, CLASSES)
    pairs = json.loads((tmp_path / "evaluation.json").read_text())["pairs"]
    assert [(pair["label"], pair["predicted"]) for pair in pairs] == [("red", "green"), ("blue", "red"), ("green", "blue")]
    assert ["typical" in pair for pair in pairs] == [True, False, True]
    thumbnails = {name: (tmp_path / pair[name]).read_bytes() for pair in pairs for name in ("mistaken", "typical") if name in pair}
    assert all(content.startswith(b"\xff\xd8") for content in thumbnails.values())
    write_thumbnail(tmp_path / "surest.jpg", images.entries[4])
    assert (tmp_path / pairs[1]["mistaken"]).read_bytes() == (tmp_path / "surest.jpg").read_bytes()


def test_a_model_without_mistakes_confuses_no_pair(images: ImageSet, tmp_path: Path) -> None:
    logits = torch.nn.functional.one_hot(images.labels, 3) * 9.0
    write_evaluation(tmp_path, Evaluation(logits, images.labels), images.entries, CLASSES)
    assert json.loads((tmp_path / "evaluation.json").read_text())["pairs"] == []
    assert not (tmp_path / "pairs").exists()

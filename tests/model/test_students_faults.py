"""What goes wrong in the scripts that people begin with, each fault as a whole job that does not have it.

Held elsewhere: metrics that are means over pictures whatever the batches (test_evaluate), a test split that is opened last (test_train),
ranks that share the pictures and end with the same weights (test_distributed), every kind of picture in three channels (test_images).
"""

import json
import math
import re
import shutil
from pathlib import Path

import pytest
from torch import nn

from model import contract, train
from tests.model.containers import COLOURS, encoded, write_shard


def ask(container: contract.Container, **hyperparameters: str) -> None:
    """Of a new job, which finds no checkpoint of the one before."""
    shutil.rmtree(container.checkpoints, ignore_errors=True)
    content = {"image_size": "16", "epochs": "1", "batch_size": "8", **hyperparameters}
    (container.root / "input/config/hyperparameters.json").write_text(json.dumps(content))


def history(container: contract.Container) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = json.loads((container.output_data / "history.json").read_text())
    return rows


def test_five_epochs_are_five_epochs(container: contract.Container) -> None:
    ask(container, epochs="5")
    train.main()
    assert [row["epoch"] for row in history(container)] == [1, 2, 3, 4, 5]
    assert len({row["train_loss"] for row in history(container)}) == 5  # each of them has trained


def test_the_objective_does_not_change_with_the_batch_size(
    container: contract.Container, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # a network without batch norm, a learning rate that moves nothing: all that could differ is how losses are added up
    monkeypatch.setattr(train, "build_network", lambda *_, **__: nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3)))
    monkeypatch.setattr(train, "augment", lambda batch: batch)
    monkeypatch.setattr(train, "write_results", lambda *_: None)
    told: list[list[float]] = []
    for batch_size in ("2", "5", "24"):
        ask(container, batch_size=batch_size, learning_rate="1e-9")
        train.main()
        told.append([float(loss) for loss in re.findall(r"(?:train|valid):loss=(\S+)", capsys.readouterr().out)])
    assert told[0] == pytest.approx(told[1], abs=2e-4)
    assert told[0] == pytest.approx(told[2], abs=2e-4)
    assert all(0.1 < loss / math.log(3) < 10 for loss in told[0])  # of a picture, not of a batch of them


def test_no_other_test_split_makes_another_model(container: contract.Container) -> None:
    weights = []
    for number, pictures in enumerate((4, 1)):
        write_shard(container.channel("test") / "000.tar", [(f"green/{name}.jpg", encoded(COLOURS["red"])) for name in range(pictures)])
        ask(container, epochs="2")
        train.main()
        weights.append((history(container), (container.model / "model.safetensors").read_bytes()))
        container.model.rename(container.root / f"model-{number}")
    assert weights[0] == weights[1]


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P")])
def test_a_job_takes_pictures_that_are_not_rgb(container: contract.Container, kind: str, mode: str) -> None:
    for split in ("train", "valid", "test"):
        pictures = [(f"{name}/odd.{kind.lower()}", encoded(colour, kind=kind, mode=mode)) for name, colour in COLOURS.items()]
        write_shard(container.channel(split) / "999.tar", pictures)
    ask(container)
    train.main()
    evaluated = json.loads((container.output_data / "evaluation.json").read_text())["images"]
    assert sum(Path(image["file"]).stem == "odd" for image in evaluated) == 3

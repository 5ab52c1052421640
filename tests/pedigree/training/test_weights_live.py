"""A training that starts from weights out of the bucket, without a way to the server that torchvision downloads them from."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load

from pedigree.dataset.inspect import inspect_dataset
from pedigree.dataset.upload import upload_dataset
from pedigree.settings import Training
from pedigree.training.jobs import train_model
from tests.lab.live_account import LiveAccount
from tests.model.containers import COLOURS, encoded

TRAINING: dict[str, Any] = {"image": "local/pytorch-training:1", "image_size": 32, "epochs": 1, "batch_size": 6}
# channels of the fire modules: in, squeezed, expanded to twice as many
FIRES = (
    *((64, 16, 64), (128, 16, 64), (128, 32, 128), (256, 32, 128)),
    *((256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256)),
)


@pytest.fixture
def pictures(tmp_path: Path) -> str:
    for seed, split in enumerate(("train", "valid", "test")):
        for name, colour in COLOURS.items():
            folder = tmp_path / "pictures" / split / name
            folder.mkdir(parents=True)
            for number in range(2):
                (folder / f"{number}.jpg").write_bytes(encoded(colour, seed=10 * seed + number))
    return str(tmp_path / "pictures")


def squeezenet() -> dict[str, torch.Tensor]:
    """A state dict of squeezenet1_1; to import torchvision, as its job does, takes longer than all else here."""
    shapes = {"features.0": (64, 3, 3), "classifier.1": (1000, 512, 1)}
    for number, (inputs, squeezed, expanded) in zip((3, 4, 6, 7, 9, 10, 11, 12), FIRES, strict=True):
        shapes |= {f"features.{number}.squeeze": (squeezed, inputs, 1)}
        shapes |= {f"features.{number}.expand{side}x{side}": (expanded, squeezed, side) for side in (1, 3)}
    weights = {f"{name}.weight": torch.rand(outputs, inputs, side, side) - 0.5 for name, (outputs, inputs, side) in shapes.items()}
    return weights | {f"{name}.bias": torch.rand(outputs) for name, (outputs, _, _) in shapes.items()}


@pytest.mark.slow
def test_a_training_starts_from_the_weights_that_were_given(live: LiveAccount, pictures: str, tmp_path: Path) -> None:
    published = squeezenet()
    torch.save(published, tmp_path / "squeezenet1_1.pth")
    inspected = inspect_dataset(live.account, pictures, str(tmp_path / "squeezenet1_1.pth"))
    dataset = upload_dataset(live.account, inspected)
    model = train_model(live.account, dataset, inspected.starting(Training(architecture="squeezenet1_1", **TRAINING)))
    with tarfile.open(fileobj=io.BytesIO(live.get(model.artifact.split("/", 3)[3]))) as archive:
        weights = archive.extractfile("model.safetensors")
        assert weights is not None
        trained = load(weights.read())
    assert all(torch.equal(trained[name], tensor) for name, tensor in published.items() if name.startswith("features."))

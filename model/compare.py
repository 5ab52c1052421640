"""Predict the same test images with two models: channels `test`, `candidate` and `champion` in, every prediction of both out.

    cd /opt/ml/input/data/code && python -m model.compare

The classes of the models may differ: predictions are class names, and a model that does not know the class of an image is wrong there.
"""

import json
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from model.artifact import ModelCard, read_card, read_network
from model.contract import Container, running_job
from model.data import ImageEntry, ImageSet, class_names, read_index
from model.evaluate import predict
from model.network import device

ARTIFACT = "model.tar.gz"


def main() -> None:
    with running_job() as container:
        compare(container)


def compare(container: Container) -> None:
    """Write `comparison.json`: the file and the label of every test image, and the prediction of each model."""
    entries = read_index(container.channel("test"))
    answers = {name: predict_names(container.channel(name), entries) for name in ("candidate", "champion")}
    right = {name: sum(said == entry.label for said, entry in zip(names, entries, strict=True)) for name, names in answers.items()}
    print(*(f"{name}:accuracy={count / len(entries):.4f}" for name, count in right.items()), flush=True)
    rows = [
        {"file": entry.file, "label": entry.label, "candidate": candidate, "champion": champion}
        for entry, candidate, champion in zip(entries, answers["candidate"], answers["champion"], strict=True)
    ]
    container.output_data.mkdir(parents=True, exist_ok=True)
    (container.output_data / "comparison.json").write_text(json.dumps({"images": rows}))


def predict_names(channel: Path, entries: Sequence[ImageEntry]) -> list[str]:
    """Predict a class name for each image with the model in a channel, at the model's own image size and normalisation."""
    card, network = read_model(channel)
    images = ImageSet(entries, class_names(entries), card.image_size)
    logits = predict(network.to(device()), images, torch.arange(len(images)), device(), mean=card.mean, std=card.std)
    return [card.classes[guess] for guess in logits.argmax(1).tolist()]


def read_model(channel: Path) -> tuple[ModelCard, nn.Module]:
    """Read the model in a channel's model.tar.gz; ValueError says which model is broken and why."""
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder)
        try:
            with tarfile.open(channel / ARTIFACT, "r:gz") as archive:
                archive.extractall(artifact, filter="data")
            card = read_card(artifact)
            return card, read_network(artifact, card)
        except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as error:
            raise ValueError(f"{channel / ARTIFACT} cannot be used as the {channel.name}: {error}") from error


if __name__ == "__main__":
    main()

"""Ask two models about the same test pictures: channels `test`, `candidate` and `champion` in, every answer of both out.

    cd /opt/ml/input/data/code && python -m model.compare

Their classes may differ: answers are names, and a model that does not know a picture's class is wrong there.
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
from model.data import ImageSet, Picture, class_names, read_index
from model.evaluate import predict
from model.network import device

ARTIFACT = "model.tar.gz"


def main() -> None:
    with running_job() as container:
        compare(container)


def compare(container: Container) -> None:
    """Write `comparison.json`: for every test picture its file, its label and what each model called it."""
    pictures = read_index(container.channel("test"))
    answers = {name: name_pictures(container.channel(name), pictures) for name in ("candidate", "champion")}
    right = {name: sum(said == picture.label for said, picture in zip(names, pictures, strict=True)) for name, names in answers.items()}
    print(*(f"{name}:accuracy={count / len(pictures):.4f}" for name, count in right.items()), flush=True)
    rows = [
        {"file": picture.file, "label": picture.label, "candidate": candidate, "champion": champion}
        for picture, candidate, champion in zip(pictures, answers["candidate"], answers["champion"], strict=True)
    ]
    container.output_data.mkdir(parents=True, exist_ok=True)
    (container.output_data / "comparison.json").write_text(json.dumps({"images": rows}))


def name_pictures(channel: Path, pictures: Sequence[Picture]) -> list[str]:
    """The class that the model in a channel gives each picture, seen at the model's own size and normalisation."""
    card, network = read_model(channel)
    images = ImageSet(pictures, class_names(pictures), card.image_size)
    logits = predict(network.to(device()), images, torch.arange(len(images)), device(), mean=card.mean, std=card.std)
    return [card.classes[guess] for guess in logits.argmax(1).tolist()]


def read_model(channel: Path) -> tuple[ModelCard, nn.Module]:
    """The model packed in a channel's model.tar.gz; ValueError says which model is broken and how."""
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

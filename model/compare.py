"""Evaluate a model on the test images, alone or beside another: channels `test`, `candidate` and perhaps `champion` in.

    cd /opt/ml/input/data/code && python -m model.compare

The code that evaluates is that of the code channel, so no model evaluates itself. A champion may have other classes: predictions are
class names, and every image is asked about. The candidate must know the class of each image.
"""

import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from model.artifact import ModelCard, read_card, read_network
from model.contract import Container, running_job
from model.data import ImageEntry, ImageSet, class_names, read_index
from model.evaluate import Evaluation, predict, write_evaluation
from model.network import device

ARTIFACT = "model.tar.gz"
MODELS = ("candidate", "champion")


def main() -> None:
    with running_job() as container:
        compare(container)


def compare(container: Container) -> None:
    """Write `evaluation.json` about the candidate, and `comparison.json`: of all models the digests, classes and predictions."""
    entries = read_index(container.channel("test"))
    answers = {name: ask(container.channel(name), entries) for name in MODELS if container.channel(name).is_dir()}
    if unknown := sorted({entry.label for entry in entries} - set(answers["candidate"].classes)):
        raise ValueError(f"the candidate does not know the class of each test image: {', '.join(unknown)}")
    print(*(f"{name}:accuracy={answer.right(entries) / len(entries):.4f}" for name, answer in answers.items()), flush=True)
    candidate = answers["candidate"]
    labels = torch.tensor([candidate.classes.index(entry.label) for entry in entries])
    write_evaluation(container.output_data, Evaluation(candidate.logits, labels), entries, candidate.classes)
    rows = [
        {"file": entry.file, "label": entry.label, **{name: answer.names[position] for name, answer in answers.items()}}
        for position, entry in enumerate(entries)
    ]
    written = {
        "sha256": {name: answer.sha256 for name, answer in answers.items()},
        "classes": {name: answer.classes for name, answer in answers.items()},
        "images": rows,
    }
    (container.output_data / "comparison.json").write_text(json.dumps(written))


@dataclass(frozen=True)
class Answers:
    """The classes of a model, the SHA-256 of its artifact, and its logits `(images, classes)`."""

    classes: tuple[str, ...]
    sha256: str
    logits: torch.Tensor

    @property
    def names(self) -> list[str]:
        return [self.classes[guess] for guess in self.logits.argmax(1).tolist()]

    def right(self, entries: Sequence[ImageEntry]) -> int:
        return sum(said == entry.label for said, entry in zip(self.names, entries, strict=True))


def ask(channel: Path, entries: Sequence[ImageEntry]) -> Answers:
    """Ask the model in a channel about each image, at the model's own image size and normalisation."""
    card, network = read_model(channel)
    images = ImageSet(entries, class_names(entries), card.image_size)
    logits = predict(network.to(device()), images, torch.arange(len(images)), device(), mean=card.mean, std=card.std)
    with (channel / ARTIFACT).open("rb") as file:
        return Answers(card.classes, hashlib.file_digest(file, "sha256").hexdigest(), logits)


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

"""Folders of a SageMaker job, and the findings about a model that is wrong about its first images."""

import json
import os
import tarfile
from pathlib import Path
from typing import Any

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
DATA, CHANNELS = BASE / "output/data", BASE / "input/data"


def hyperparameters() -> dict[str, str]:
    given: dict[str, str] = json.loads((BASE / "input/config/hyperparameters.json").read_text())
    return given


def images_of(split: str) -> list[str]:
    """`<class>/<file>` of the images of a channel."""
    names = []
    for shard in sorted((CHANNELS / split).glob("*.tar")):
        with tarfile.open(shard) as archive:
            names += [member.name for member in archive if member.isfile()]
    return names


def classes_of(images: list[str]) -> list[str]:
    return sorted({name.split("/")[0] for name in images})


def guesses(images: list[str], classes: list[str], wrong: int) -> list[str]:
    """The class names that a model answers which is wrong about the first `wrong` images."""
    right = [name.split("/")[0] for name in images]
    return [classes[classes.index(label) - 1] if number < wrong else label for number, label in enumerate(right)]


def write_evaluation(images: list[str], classes: list[str], answers: list[str]) -> None:
    confusion = [[0] * len(classes) for _ in classes]
    for name, answer in zip(images, answers, strict=True):
        confusion[classes.index(name.split("/")[0])][classes.index(answer)] += 1
    write("evaluation.json", {"classes": classes, "confusion": confusion, "samples": []})


def write(name: str, value: Any) -> None:
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / name).write_text(json.dumps(value))

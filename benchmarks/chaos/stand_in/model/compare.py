"""In place of the evaluation job: the answers that each model card promises."""

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

from .job import CHANNELS, guesses, images_of, write, write_evaluation

ARTIFACT = "model.tar.gz"


def main() -> None:
    images = images_of("test")
    paths = {name: CHANNELS / name / ARTIFACT for name in ("candidate", "champion") if (CHANNELS / name).is_dir()}
    cards = {name: read_card(path) for name, path in paths.items()}
    answers = {name: guesses(images, card["classes"], card["wrong"]) for name, card in cards.items()}
    write_evaluation(images, cards["candidate"]["classes"], answers["candidate"])
    rows = [
        {"file": image, "label": image.split("/")[0], **{name: given[number] for name, given in answers.items()}}
        for number, image in enumerate(images)
    ]
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}
    write("comparison.json", {"sha256": digests, "classes": {name: card["classes"] for name, card in cards.items()}, "images": rows})


def read_card(artifact: Path) -> dict[str, Any]:
    with tarfile.open(artifact) as archive:
        member = next(archive.extractfile(each) for each in archive if each.name.endswith("model.json"))
        assert member is not None
        card: dict[str, Any] = json.load(member)
    return card


if __name__ == "__main__":
    main()

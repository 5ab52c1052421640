"""Golden images: a few test pictures with the logits this artifact gave for them, to recognise it by wherever it is served."""

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import torch

from model.artifact import read_card, read_network
from model.data import Picture
from model.evaluate import Evaluation
from model.images import load, open_image
from model.inference import Classifier, open_picture, predict

MOST = 8
SIDE = 512


def write_golden(artifact: Path, evaluation: Evaluation, pictures: Sequence[Picture]) -> None:
    """Write `golden/*.jpg` and `golden/golden.json`, computed from the encoded bytes through the artifact's own serving path."""
    card = read_card(artifact)
    # on the CPU, where every GPU of its own rounding is equally near
    classifier = Classifier(card, read_network(artifact, card), torch.device("cpu"))
    folder = artifact / "golden"
    folder.mkdir()
    entries = []
    for number, position in enumerate(choose_golden(evaluation)):
        picture = pictures[position]
        name, content = f"{number:02d}.jpg", encode(picture)
        (folder / name).write_bytes(content)
        prediction = predict(open_picture(content), classifier)
        entries.append({"file": name, "label": picture.label, "logits": prediction.logits[0].tolist()})
    (folder / "golden.json").write_text(json.dumps(entries, indent=2))


def choose_golden(evaluation: Evaluation) -> list[int]:
    """Positions of each class's most certain picture, for the first classes that have any."""
    likelihood = evaluation.logits.log_softmax(1).gather(1, evaluation.labels[:, None])[:, 0]
    present = evaluation.labels.unique().tolist()[:MOST]
    return [int(likelihood.masked_fill(evaluation.labels != label, -float("inf")).argmax()) for label in present]


def encode(picture: Picture) -> bytes:
    image = load(open_image(picture.read()), SIDE)
    image.thumbnail((SIDE, SIDE))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()

"""Golden images: a few test images with the logits of this artifact, which identify the model wherever it is served."""

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import torch

from model.artifact import read_card, read_network
from model.data import ImageEntry
from model.evaluate import Evaluation
from model.images import load, open_image
from model.inference import Classifier, open_body, predict

MOST = 8
SIDE = 512


def write_golden(artifact: Path, evaluation: Evaluation, entries: Sequence[ImageEntry]) -> None:
    """Write `golden/*.jpg` and `golden/golden.json`; the logits come from the encoded bytes through the artifact's own serving code."""
    card = read_card(artifact)
    # on the CPU: GPUs round in different ways, and the CPU is equally near to all of them
    classifier = Classifier(card, read_network(artifact, card), torch.device("cpu"))
    folder = artifact / "golden"
    folder.mkdir()
    golden = []
    for number, position in enumerate(choose_golden(evaluation)):
        entry = entries[position]
        name, content = f"{number:02d}.jpg", encode(entry)
        (folder / name).write_bytes(content)
        prediction = predict(open_body(content), classifier)
        golden.append({"file": name, "label": entry.label, "logits": prediction.logits[0].tolist()})
    (folder / "golden.json").write_text(json.dumps(golden, indent=2))


def choose_golden(evaluation: Evaluation) -> list[int]:
    """Positions of the most certain image of each class, for the first MOST classes that have images."""
    likelihood = evaluation.logits.log_softmax(1).gather(1, evaluation.labels[:, None])[:, 0]
    present = evaluation.labels.unique().tolist()[:MOST]
    return [int(likelihood.masked_fill(evaluation.labels != label, -float("inf")).argmax()) for label in present]


def encode(entry: ImageEntry) -> bytes:
    image = load(open_image(entry.read()), SIDE)
    image.thumbnail((SIDE, SIDE))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()

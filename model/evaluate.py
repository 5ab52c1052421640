"""Evaluate a network on a split, and record its prediction for every image."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from model.data import ImageEntry, ImageSet
from model.distributed import ALONE, World
from model.images import MEAN, STD, load, normalize, open_image

BATCH = 64
SAMPLES = 12
PAIRS = 4


@dataclass(frozen=True)
class Evaluation:
    """Logits `(n, classes)` and true labels `(n,)` of a split; all metrics are means over images, independent of the batch size."""

    logits: torch.Tensor
    labels: torch.Tensor

    @property
    def loss(self) -> float:
        return functional.cross_entropy(self.logits, self.labels).item()

    @property
    def accuracy(self) -> float:
        return (self.predicted == self.labels).float().mean().item()

    @property
    def predicted(self) -> torch.Tensor:
        return self.logits.argmax(1)

    @property
    def baseline(self) -> float:
        """The majority-class baseline: the accuracy of always answering the commonest class."""
        return self.labels.bincount().max().item() / len(self.labels)

    @property
    def confusion(self) -> list[list[int]]:
        """Confusion matrix: counts of images, a row for each true class and a column for each predicted class."""
        classes = self.logits.shape[1]
        counts: list[list[int]] = (self.labels * classes + self.predicted).bincount(minlength=classes**2).view(classes, classes).tolist()
        return counts


def evaluate(network: nn.Module, images: ImageSet, device: torch.device, *, world: World = ALONE, batch_size: int = BATCH) -> Evaluation:
    """Evaluate the network on every image of a set; the ranks share the work, and all ranks get the whole result.

    The network must have the classes of the set.
    """
    own = world.share(torch.arange(len(images)))
    logits = torch.zeros(len(images), len(images.classes))
    logits[own] = predict(network, images, own, device, batch_size=batch_size)
    return Evaluation(world.sum(logits), images.labels)


def predict(
    network: nn.Module,
    images: ImageSet,
    positions: torch.Tensor,
    device: torch.device,
    *,
    mean: tuple[float, ...] = MEAN,
    std: tuple[float, ...] = STD,
    batch_size: int = BATCH,
) -> torch.Tensor:
    """Logits `(len(positions), classes)` of the network, in evaluation mode, for some images of a set."""
    network.eval()
    with torch.inference_mode():
        return torch.cat(
            [network(normalize(images.batch(batch).to(device), mean, std)).float().cpu() for batch in positions.split(batch_size)]
        )


@dataclass(frozen=True)
class Answer:
    """The prediction of the network for one image."""

    file: str
    label: str
    predicted: str
    probability: float


def write_evaluation(folder: Path, evaluation: Evaluation, entries: Sequence[ImageEntry], classes: Sequence[str]) -> None:
    """Write `evaluation.json`: every prediction and the confusion matrix, with thumbnails of some `samples/` and confused `pairs/`."""
    probabilities, predicted = evaluation.logits.softmax(1).max(1)
    answers = [
        Answer(entry.file, entry.label, classes[guess], round(probability, 4))
        for entry, guess, probability in zip(entries, predicted.tolist(), probabilities.tolist(), strict=True)
    ]
    samples = []
    for number, position in enumerate(choose_samples(answers)):
        image = f"samples/{number:02d}.jpg"
        write_thumbnail(folder / image, entries[position])
        samples.append({"image": image, **asdict(answers[position])})
    content = {
        "classes": classes,
        "confusion": evaluation.confusion,
        "images": [asdict(answer) for answer in answers],
        "samples": samples,
        "pairs": write_pairs(folder, answers, entries),
    }
    (folder / "evaluation.json").write_text(json.dumps(content))


def write_pairs(folder: Path, answers: Sequence[Answer], entries: Sequence[ImageEntry]) -> list[dict[str, str]]:
    """Write the pairs of classes that the model confuses most.

    Each pair has two images: the wrong prediction with the highest probability, and the right one with the highest probability.
    """
    pairs = []
    for number, (label, predicted) in enumerate(most_confused(answers)):
        pair = {"label": label, "predicted": predicted}
        for name, actual in (("mistaken", label), ("typical", predicted)):
            position = most_probable(answers, actual, predicted)
            if position is not None:
                pair[name] = f"pairs/{number}-{name}.jpg"
                write_thumbnail(folder / pair[name], entries[position])
        pairs.append(pair)
    return pairs


def most_confused(answers: Sequence[Answer]) -> list[tuple[str, str]]:
    """(label, predicted) of the most frequent mistakes, at most PAIRS, the most frequent first."""
    mistakes = Counter((answer.label, answer.predicted) for answer in answers if answer.predicted != answer.label)
    return [pair for pair, _ in mistakes.most_common(PAIRS)]


def most_probable(answers: Sequence[Answer], label: str, predicted: str) -> int | None:
    """Position of the most probable answer `predicted` among the images of `label`; None when there is no such answer."""
    such = [position for position, answer in enumerate(answers) if (answer.label, answer.predicted) == (label, predicted)]
    return max(such, key=lambda position: answers[position].probability, default=None)


def choose_samples(answers: Sequence[Answer]) -> list[int]:
    """Positions of up to SAMPLES images, spread over the set; a third are wrong predictions if there are enough."""
    wrong = [position for position, answer in enumerate(answers) if answer.predicted != answer.label]
    right = [position for position, answer in enumerate(answers) if answer.predicted == answer.label]
    some_wrong = spread(wrong, max(SAMPLES // 3, SAMPLES - len(right)))
    return spread(right, SAMPLES - len(some_wrong)) + some_wrong


def spread(positions: Sequence[int], count: int) -> list[int]:
    step = max(1.0, len(positions) / count)
    return [positions[int(index * step)] for index in range(min(count, len(positions)))]


def write_thumbnail(path: Path, entry: ImageEntry, size: int = 160) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = load(open_image(entry.read()), size)
    image.thumbnail((size, size))
    image.save(path, "JPEG", quality=85)

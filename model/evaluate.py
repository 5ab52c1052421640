"""Measure a network on a split, and write down what it said about every picture."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from model.data import ImageSet, Picture
from model.distributed import ALONE, World
from model.images import MEAN, STD, load, normalize, open_image

BATCH = 64
SAMPLES = 12
PAIRS = 4


@dataclass(frozen=True)
class Evaluation:
    """Logits `(n, classes)` and true labels `(n,)` of a split; all figures are means over pictures, whatever the batches were."""

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
    def chance(self) -> float:
        """Accuracy of guessing: at random, or always the most frequent class."""
        counts = self.labels.bincount(minlength=self.logits.shape[1])
        return max(1 / len(counts), counts.max().item() / len(self.labels))

    @property
    def confusion(self) -> list[list[int]]:
        """Counts of pictures, a row for each true class and a column for each predicted one."""
        classes = self.logits.shape[1]
        counts: list[list[int]] = (self.labels * classes + self.predicted).bincount(minlength=classes**2).view(classes, classes).tolist()
        return counts


def evaluate(network: nn.Module, images: ImageSet, device: torch.device, *, world: World = ALONE, batch_size: int = BATCH) -> Evaluation:
    """Measure the network on every picture of a set, whose classes are its own; the ranks share the work and all know the result."""
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
    """Logits `(len(positions), classes)` of the network, in evaluation mode, for some pictures of a set."""
    network.eval()
    with torch.inference_mode():
        return torch.cat(
            [network(normalize(images.batch(batch).to(device), mean, std)).float().cpu() for batch in positions.split(batch_size)]
        )


@dataclass(frozen=True)
class Answer:
    """What the network said about one picture."""

    file: str
    label: str
    predicted: str
    probability: float


def write_evaluation(folder: Path, evaluation: Evaluation, pictures: Sequence[Picture], classes: Sequence[str]) -> None:
    """Write `evaluation.json`: every picture's answer, the confusion matrix, and pictures of some `samples/` and confused `pairs/`."""
    probabilities, predicted = evaluation.logits.softmax(1).max(1)
    answers = [
        Answer(picture.file, picture.label, classes[guess], round(probability, 4))
        for picture, guess, probability in zip(pictures, predicted.tolist(), probabilities.tolist(), strict=True)
    ]
    samples = []
    for number, position in enumerate(choose_samples(answers)):
        image = f"samples/{number:02d}.jpg"
        write_thumbnail(folder / image, pictures[position])
        samples.append({"image": image, **asdict(answers[position])})
    content = {
        "classes": classes,
        "confusion": evaluation.confusion,
        "images": [asdict(answer) for answer in answers],
        "samples": samples,
        "pairs": write_pairs(folder, answers, pictures),
    }
    (folder / "evaluation.json").write_text(json.dumps(content))


def write_pairs(folder: Path, answers: Sequence[Answer], pictures: Sequence[Picture]) -> list[dict[str, str]]:
    """The most confused pairs, each with the picture that the model was surest to call wrong, and one that it was surest to call right."""
    pairs = []
    for number, (label, predicted) in enumerate(most_confused(answers)):
        pair = {"label": label, "predicted": predicted}
        for name, actual in (("mistaken", label), ("typical", predicted)):
            position = surest(answers, actual, predicted)
            if position is not None:
                pair[name] = f"pairs/{number}-{name}.jpg"
                write_thumbnail(folder / pair[name], pictures[position])
        pairs.append(pair)
    return pairs


def most_confused(answers: Sequence[Answer]) -> list[tuple[str, str]]:
    """(label, predicted) of up to PAIRS kinds of mistakes, the commonest first."""
    mistakes = Counter((answer.label, answer.predicted) for answer in answers if answer.predicted != answer.label)
    return [pair for pair, _ in mistakes.most_common(PAIRS)]


def surest(answers: Sequence[Answer], label: str, predicted: str) -> int | None:
    """Position of the answer `predicted` for a picture of `label` that has the highest probability."""
    such = [position for position, answer in enumerate(answers) if (answer.label, answer.predicted) == (label, predicted)]
    return max(such, key=lambda position: answers[position].probability, default=None)


def choose_samples(answers: Sequence[Answer]) -> list[int]:
    """Positions of up to SAMPLES pictures spread over the set, a third of them wrong ones where there are so many."""
    wrong = [position for position, answer in enumerate(answers) if answer.predicted != answer.label]
    right = [position for position, answer in enumerate(answers) if answer.predicted == answer.label]
    some_wrong = spread(wrong, max(SAMPLES // 3, SAMPLES - len(right)))
    return spread(right, SAMPLES - len(some_wrong)) + some_wrong


def spread(positions: Sequence[int], count: int) -> list[int]:
    step = max(1.0, len(positions) / count)
    return [positions[int(index * step)] for index in range(min(count, len(positions)))]


def write_thumbnail(path: Path, picture: Picture, size: int = 160) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = load(open_image(picture.read()), size)
    image.thumbnail((size, size))
    image.save(path, "JPEG", quality=85)

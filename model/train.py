"""Train a classifier in a container: channels in, artifact out.

    cd /opt/ml/input/data/code && python -m model.train

The loop is plain. `train_one_epoch` is where the ranks of a distributed job will meet: each takes its share of `shuffled_batches`.
"""

import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from model.artifact import ModelCard, write_artifact
from model.augment import augment
from model.contract import Container, Hyperparameters, running_job
from model.data import ImageSet, class_names, read_index
from model.evaluate import Evaluation, evaluate, write_evaluation
from model.golden import write_golden
from model.images import MEAN, STD, normalize
from model.network import build_network, device, freeze_backbone


def main() -> None:
    with running_job() as container:
        train(container)


def train(container: Container) -> None:
    """The whole job: fit on train, choose by valid, look at test once, write the artifact and the evaluation."""
    hyperparameters = container.hyperparameters()
    torch.manual_seed(hyperparameters.seed)
    pictures = read_index(container.channel("train"))
    classes = class_names(pictures)
    train_set = ImageSet(pictures, classes, hyperparameters.image_size)
    valid_set = ImageSet(read_index(container.channel("valid")), classes, hyperparameters.image_size)

    network = build_network(hyperparameters.architecture, len(classes), pretrained=hyperparameters.pretrained).to(device())
    history, best = fit(network, train_set, valid_set, hyperparameters)

    test_set = ImageSet(read_index(container.channel("test")), classes, hyperparameters.image_size)
    evaluation = evaluate(network, test_set, device())
    print(f"test:loss={evaluation.loss:.4f} test:accuracy={evaluation.accuracy:.4f}", flush=True)
    write_results(container, network, model_card(hyperparameters, classes, best, evaluation), evaluation, test_set, history)


@dataclass(frozen=True)
class Epoch:
    """One line of the history; losses and accuracies are means over pictures."""

    epoch: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float

    def __str__(self) -> str:
        return (
            f"epoch={self.epoch} train:loss={self.train_loss:.4f} train:accuracy={self.train_accuracy:.4f} "
            f"valid:loss={self.valid_loss:.4f} valid:accuracy={self.valid_accuracy:.4f}"
        )


def fit(network: nn.Module, train_set: ImageSet, valid_set: ImageSet, hyperparameters: Hyperparameters) -> tuple[list[Epoch], Epoch]:
    """Train for all epochs and leave the network with the weights of the lowest validation loss; the history and that epoch."""
    if hyperparameters.freeze_backbone:
        freeze_backbone(network)
    steps = hyperparameters.epochs * math.ceil(len(train_set) / hyperparameters.batch_size)
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=hyperparameters.learning_rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warm_up_then_cosine(step / steps))
    history: list[Epoch] = []
    best, weights = None, {}
    for number in range(1, hyperparameters.epochs + 1):
        network.train(not hyperparameters.freeze_backbone)  # a frozen batch norm must keep its statistics
        loss, accuracy = train_one_epoch(network, train_set, optimizer, schedule, hyperparameters.batch_size)
        valid = evaluate(network, valid_set, device())
        history.append(Epoch(number, loss, accuracy, valid.loss, valid.accuracy))
        print(history[-1], flush=True)
        if math.isfinite(valid.loss) and (best is None or valid.loss < best.valid_loss):
            best, weights = history[-1], {name: tensor.clone() for name, tensor in network.state_dict().items()}
    if best is None:
        raise FloatingPointError(f"no epoch had a finite validation loss: lower learning_rate (now {hyperparameters.learning_rate})")
    network.load_state_dict(weights)
    return history, best


def train_one_epoch(
    network: nn.Module,
    images: ImageSet,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    batch_size: int,
) -> tuple[float, float]:
    """One pass over the pictures; mean loss and accuracy over them as they were seen."""
    loss_sum, right = 0.0, 0
    for positions in shuffled_batches(len(images), batch_size):
        batch = augment(normalize(images.batch(positions).to(device()), MEAN, STD))
        labels = images.labels[positions].to(device())
        with torch.autocast(device().type, torch.bfloat16, enabled=has_bfloat16()):
            logits = network(batch)
            loss = functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        loss_sum += loss.item() * len(labels)
        right += int((logits.argmax(1) == labels).sum())
    return loss_sum / len(images), right / len(images)


def shuffled_batches(count: int, batch_size: int) -> Iterator[torch.Tensor]:
    yield from torch.randperm(count).split(batch_size)


def warm_up_then_cosine(progress: float) -> float:
    """Share of the full learning rate at `progress` in [0, 1]."""
    return min(1.0, progress / 0.2 + 0.01) * (1 + math.cos(math.pi * progress)) / 2


def has_bfloat16() -> bool:
    # without hardware for it bfloat16 is several times slower than float32
    return torch.cuda.is_available() and torch.cuda.get_device_capability() >= (8, 0)


def model_card(hyperparameters: Hyperparameters, classes: list[str], best: Epoch, test: Evaluation) -> ModelCard:
    metrics = {
        "valid_accuracy": best.valid_accuracy,
        "valid_loss": best.valid_loss,
        "test_accuracy": test.accuracy,
        "test_loss": test.loss,
        "test_images": len(test.labels),
    }
    return ModelCard(
        architecture=hyperparameters.architecture,
        classes=tuple(classes),
        image_size=hyperparameters.image_size,
        mean=MEAN,
        std=STD,
        metrics=metrics,
        chance=test.chance,
        dataset_digest=os.environ.get("PEDIGREE_DATASET", ""),
        code_digest=os.environ.get("PEDIGREE_CODE", ""),
    )


def write_results(
    container: Container, network: nn.Module, card: ModelCard, test: Evaluation, test_set: ImageSet, history: list[Epoch]
) -> None:
    container.output_data.mkdir(parents=True, exist_ok=True)
    (container.output_data / "history.json").write_text(json.dumps([asdict(epoch) for epoch in history]))
    write_evaluation(container.output_data, test, test_set.pictures, card.classes)
    with tempfile.TemporaryDirectory() as folder:  # a job stopped half-way leaves no half model
        artifact = Path(folder) / "artifact"  # the temporary folder itself is closed to all others, and the copy would be so too
        write_artifact(artifact, network, card)
        write_golden(artifact, test, test_set.pictures)
        shutil.copytree(artifact, container.model, dirs_exist_ok=True)


if __name__ == "__main__":
    main()

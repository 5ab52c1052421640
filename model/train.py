"""Train a classifier in a container: channels in, artifact out.

    cd /opt/ml/input/data/code && python -m model.train

The loop is plain Python. Each rank (see `model.distributed`) trains on its share of every batch, so `batch_size` means the same for any
number of ranks. The first rank writes the results.
"""

import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from model.artifact import ModelCard, write_artifact
from model.augment import augment
from model.checkpoint import Checkpoints
from model.contract import Container, Hyperparameters, running_job
from model.course import Course, Epoch
from model.data import ImageSet, class_names, read_index
from model.distributed import ALONE, World, run_ranks
from model.evaluate import Evaluation, evaluate, write_evaluation
from model.golden import write_golden
from model.images import MEAN, STD, normalize
from model.interruption import STOPPED, Stop, deferred_sigterm
from model.network import build_network, device, freeze_backbone
from model.proof import Shares, prove


def main() -> None:
    with running_job() as container:
        run_ranks(train, container)


def train(container: Container, world: World) -> None:
    """Run the whole job: fit on the train split, choose the epoch by the validation split, test once, write artifact and evaluation."""
    hyperparameters = container.hyperparameters()
    network, valid_set, fitted = learn(container, hyperparameters, world)
    test_set = ImageSet(read_index(container.channel("test")), valid_set.classes, hyperparameters.image_size)
    evaluation = evaluate(network, test_set, device(), world=world)
    world.say(f"test:loss={evaluation.loss:.4f} test:accuracy={evaluation.accuracy:.4f}")
    world.leave()
    if world.rank == 0:
        card = model_card(hyperparameters, test_set.classes, fitted.best, evaluation)
        write_results(container, network, card, evaluation, test_set, fitted.history)


def learn(container: Container, hyperparameters: Hyperparameters, world: World) -> tuple[nn.Module, ImageSet, "Fitted"]:
    """Train without the test split; return the network with the weights of its best epoch, the validation set and the history."""
    torch.manual_seed(hyperparameters.seed + world.rank)  # each rank augments differently; the weights are those of the first rank
    entries = read_index(container.channel("train"))
    classes = class_names(entries)
    train_set = ImageSet(entries, classes, hyperparameters.image_size)
    valid_set = ImageSet(read_index(container.channel("valid")), classes, hyperparameters.image_size)

    network = build_network(
        hyperparameters.architecture, len(classes), pretrained=hyperparameters.pretrained, weights=container.weights()
    ).to(device())
    fitted = fit(network, train_set, valid_set, hyperparameters, Checkpoints(container.checkpoints), world)
    if world.size > 1:
        prove(network, fitted.shares, world, container.output_data)
    return network, valid_set, fitted


@dataclass(frozen=True)
class Fitted:
    """The history of all epochs, the epoch with the lowest validation loss, and how each epoch was shared between the ranks."""

    history: list[Epoch]
    best: Epoch
    shares: list[Shares]


def fit(
    network: nn.Module,
    train_set: ImageSet,
    valid_set: ImageSet,
    hyperparameters: Hyperparameters,
    checkpoints: Checkpoints,
    world: World = ALONE,
) -> Fitted:
    """Train all epochs that are left, then load the weights with the lowest validation loss into the network.

    A checkpoint is written after each epoch, and in the middle of an epoch when SIGTERM comes, which ends the process.
    """
    if hyperparameters.freeze_backbone:
        freeze_backbone(network)
    replica = world.replicate(network)
    sizes = batch_sizes(len(train_set), hyperparameters.batch_size, world.size)
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=hyperparameters.learning_rate, weight_decay=0.05)
    steps = hyperparameters.epochs * len(sizes)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warm_up_then_cosine(step / steps))
    course = Course(network, optimizer, schedule, len(train_set), world, checkpoints)
    course.resume()
    with deferred_sigterm() as stop:
        while course.epoch <= hyperparameters.epochs:
            begun, left = time.monotonic(), len(train_set) - sum(sizes[: course.tally.batches])
            replica.train(not hyperparameters.freeze_backbone)  # a frozen batch norm must keep its statistics
            train_one_epoch(replica, train_set, course, sizes, stop)
            world.average_statistics(network)
            epoch = course.end_epoch(evaluate(network, valid_set, device(), world=world))
            world.say(f"{epoch} {speed(left, time.monotonic() - begun)}")
            require_finite(epoch, hyperparameters.learning_rate)
            course.save()
    assert course.best is not None, "there is at least one epoch"
    network.load_state_dict(course.weights)
    return Fitted(course.history, course.best, course.shares)


def speed(images: int, seconds: float) -> str:
    """The speed of one epoch, its validation included, as a log line."""
    return f"epoch:seconds={seconds:.3f} epoch:images_per_second={images / seconds:.1f}"


def require_finite(epoch: Epoch, learning_rate: float) -> None:
    """Raise FloatingPointError on every rank after an epoch with a loss that is not finite: later epochs would cost money for nothing."""
    for name, loss in (("training", epoch.train_loss), ("validation", epoch.valid_loss)):
        if not math.isfinite(loss):
            raise FloatingPointError(f"the {name} loss of epoch {epoch.epoch} is {loss}: lower learning_rate (now {learning_rate})")


def train_one_epoch(network: nn.Module, images: ImageSet, course: Course, sizes: Sequence[int], stop: Stop) -> None:
    """Train the batches of this epoch that are left; when any rank gets SIGTERM, all ranks save a checkpoint and end."""
    for positions in course.begin_epoch().split(sizes)[course.tally.batches :]:
        train_on_batch(network, images, positions, course)
        if course.world.any(stop.asked):
            course.save()
            course.world.leave()
            sys.exit(STOPPED)


def train_on_batch(network: nn.Module, images: ImageSet, positions: torch.Tensor, course: Course) -> None:
    """Run one optimizer step; every rank computes its share of the batch."""
    world, tally = course.world, course.tally
    own = world.share(positions)
    batch = augment(normalize(images.batch(own).to(device()), MEAN, STD))
    labels = images.labels[own].to(device())
    with torch.autocast(device().type, torch.bfloat16, enabled=has_bfloat16()):
        logits = network(batch)
        loss = functional.cross_entropy(logits, labels)
    course.optimizer.zero_grad()
    # turns the mean over ranks into the mean over images, for shares of unequal size
    (loss * (len(own) * world.size / len(positions))).backward()
    course.optimizer.step()
    course.schedule.step()
    tally.batches += 1
    tally.loss_sum += loss.item() * len(labels)
    tally.right += int((logits.argmax(1) == labels).sum())
    tally.seen[own] += 1


def batch_sizes(count: int, batch_size: int, ranks: int) -> list[int]:
    """Sizes of the batches of `count` images; a last batch that is too small for a batch norm on every rank joins the one before."""
    full, rest = divmod(count, batch_size)
    smallest = 2 * ranks
    if ranks > 1 and min(count, batch_size) < smallest:
        raise ValueError(f"{ranks} ranks need batches of at least {smallest}: batch_size is {batch_size}, the split has {count} images")
    if full and rest < smallest:
        return [batch_size] * (full - 1) + [batch_size + rest]
    return [batch_size] * full + [rest]


def warm_up_then_cosine(progress: float) -> float:
    """Factor of the learning rate at `progress` in [0, 1]."""
    return min(1.0, progress / 0.2 + 0.01) * (1 + math.cos(math.pi * progress)) / 2


def has_bfloat16() -> bool:
    # without hardware support bfloat16 is several times slower than float32
    return torch.cuda.is_available() and torch.cuda.get_device_capability() >= (8, 0)


def model_card(hyperparameters: Hyperparameters, classes: Sequence[str], best: Epoch, test: Evaluation) -> ModelCard:
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
        baseline=test.baseline,
        dataset_digest=os.environ.get("PEDIGREE_DATASET", ""),
        code_digest=os.environ.get("PEDIGREE_CODE", ""),
    )


def write_results(
    container: Container, network: nn.Module, card: ModelCard, test: Evaluation, test_set: ImageSet, history: list[Epoch]
) -> None:
    write_history(container.output_data, history)
    write_evaluation(container.output_data, test, test_set.entries, card.classes)
    with tempfile.TemporaryDirectory() as folder:  # a job that is stopped here leaves no incomplete model
        artifact = Path(folder) / "artifact"  # only the owner may read the temporary folder itself, and a copy of it
        write_artifact(artifact, network, card)
        write_golden(artifact, test, test_set.entries)
        shutil.copytree(artifact, container.model, dirs_exist_ok=True)


def write_history(folder: Path, history: Sequence[Epoch]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "history.json").write_text(json.dumps([asdict(epoch) for epoch in history]))


if __name__ == "__main__":
    main()

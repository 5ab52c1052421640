"""Train a classifier in a container: channels in, artifact out.

    cd /opt/ml/input/data/code && python -m model.train

The loop is plain. Several ranks (see `model.distributed`) each train on their share of every batch, so that `batch_size` means the same
however many there are; the first one writes the results.
"""

import json
import math
import os
import shutil
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
from model.contract import Container, Hyperparameters, running_job
from model.data import ImageSet, class_names, read_index
from model.distributed import ALONE, World, run_ranks
from model.evaluate import Evaluation, evaluate, write_evaluation
from model.golden import write_golden
from model.images import MEAN, STD, normalize
from model.network import build_network, device, freeze_backbone
from model.proof import Shares, prove, shares_of


def main() -> None:
    with running_job() as container:
        run_ranks(train, container)


def train(container: Container, world: World) -> None:
    """The whole job: fit on train, choose by valid, look at test once, write the artifact and the evaluation."""
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
    """All that needs no test split: the network with the weights of its best epoch, the validation set, and how it came about."""
    torch.manual_seed(hyperparameters.seed + world.rank)  # no two ranks augment alike; the weights are the first rank's
    pictures = read_index(container.channel("train"))
    classes = class_names(pictures)
    train_set = ImageSet(pictures, classes, hyperparameters.image_size)
    valid_set = ImageSet(read_index(container.channel("valid")), classes, hyperparameters.image_size)

    network = build_network(hyperparameters.architecture, len(classes), pretrained=hyperparameters.pretrained).to(device())
    fitted = fit(network, train_set, valid_set, hyperparameters, world)
    if world.size > 1:
        prove(network, fitted.shares, world, container.output_data)
    return network, valid_set, fitted


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


@dataclass(frozen=True)
class Fitted:
    """Every epoch, the one with the lowest validation loss, and how each was shared out."""

    history: list[Epoch]
    best: Epoch
    shares: list[Shares]


def fit(network: nn.Module, train_set: ImageSet, valid_set: ImageSet, hyperparameters: Hyperparameters, world: World = ALONE) -> Fitted:
    """Train for all epochs and leave the network with the weights of the lowest validation loss."""
    if hyperparameters.freeze_backbone:
        freeze_backbone(network)
    replica = world.replicate(network)
    sizes = batch_sizes(len(train_set), hyperparameters.batch_size, world.size)
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=hyperparameters.learning_rate, weight_decay=0.05)
    steps = hyperparameters.epochs * len(sizes)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warm_up_then_cosine(step / steps))
    history: list[Epoch] = []
    shares: list[Shares] = []
    best, weights = None, {}
    for number in range(1, hyperparameters.epochs + 1):
        begun = time.monotonic()
        replica.train(not hyperparameters.freeze_backbone)  # a frozen batch norm must keep its statistics
        order = world.agree(torch.randperm(len(train_set)))
        loss, accuracy, seen = train_one_epoch(replica, train_set, order.split(sizes), optimizer, schedule, world)
        world.average_statistics(network)
        valid = evaluate(network, valid_set, device(), world=world)
        history.append(Epoch(number, loss, accuracy, valid.loss, valid.accuracy))
        shares.append(shares_of(number, seen, world))
        world.say(f"{history[-1]} {speed(len(train_set), time.monotonic() - begun)}")
        require_finite(history[-1], hyperparameters.learning_rate)
        if best is None or valid.loss < best.valid_loss:
            best, weights = history[-1], {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert best is not None, "there is at least one epoch"
    network.load_state_dict(weights)
    return Fitted(history, best, shares)


def speed(pictures: int, seconds: float) -> str:
    """Of one epoch, its validation included."""
    return f"epoch:seconds={seconds:.3f} epoch:images_per_second={pictures / seconds:.1f}"


def require_finite(epoch: Epoch, learning_rate: float) -> None:
    """FloatingPointError, on every rank alike, after the epoch that has ruined the weights: all later ones would be paid for nothing."""
    for name, loss in (("training", epoch.train_loss), ("validation", epoch.valid_loss)):
        if not math.isfinite(loss):
            raise FloatingPointError(f"the {name} loss of epoch {epoch.epoch} is {loss}: lower learning_rate (now {learning_rate})")


def train_one_epoch(
    network: nn.Module,
    images: ImageSet,
    batches: Sequence[torch.Tensor],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    world: World = ALONE,
) -> tuple[float, float, torch.Tensor]:
    """One pass over the pictures, every rank with its share of each batch.

    Mean loss and accuracy over all pictures as they were seen, and how often this rank has trained on each of them, int64 `(n,)`.
    """
    loss_sum, right = 0.0, 0
    seen = torch.zeros(len(images), dtype=torch.int64)
    for positions in batches:
        own = world.share(positions)
        batch = augment(normalize(images.batch(own).to(device()), MEAN, STD))
        labels = images.labels[own].to(device())
        with torch.autocast(device().type, torch.bfloat16, enabled=has_bfloat16()):
            logits = network(batch)
            loss = functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        # the mean over ranks becomes the mean over pictures, however unequal their shares are
        (loss * (len(own) * world.size / len(positions))).backward()
        optimizer.step()
        schedule.step()
        loss_sum += loss.item() * len(labels)
        right += int((logits.argmax(1) == labels).sum())
        seen[own] += 1
    loss_sum, right = world.sum(torch.tensor([loss_sum, right], dtype=torch.float64)).tolist()
    return loss_sum / len(images), right / len(images), seen


def batch_sizes(count: int, batch_size: int, ranks: int) -> list[int]:
    """How many of `count` pictures are in each batch; a last one too small for a batch norm on every rank joins the one before."""
    full, rest = divmod(count, batch_size)
    smallest = 2 * ranks
    if ranks > 1 and min(count, batch_size) < smallest:
        raise ValueError(f"{ranks} ranks need batches of at least {smallest}: batch_size is {batch_size}, the split has {count} pictures")
    if full and rest < smallest:
        return [batch_size] * (full - 1) + [batch_size + rest]
    return [batch_size] * full + [rest]


def warm_up_then_cosine(progress: float) -> float:
    """Share of the full learning rate at `progress` in [0, 1]."""
    return min(1.0, progress / 0.2 + 0.01) * (1 + math.cos(math.pi * progress)) / 2


def has_bfloat16() -> bool:
    # without hardware for it bfloat16 is several times slower than float32
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
        chance=test.chance,
        dataset_digest=os.environ.get("PEDIGREE_DATASET", ""),
        code_digest=os.environ.get("PEDIGREE_CODE", ""),
    )


def write_results(
    container: Container, network: nn.Module, card: ModelCard, test: Evaluation, test_set: ImageSet, history: list[Epoch]
) -> None:
    write_history(container.output_data, history)
    write_evaluation(container.output_data, test, test_set.pictures, card.classes)
    with tempfile.TemporaryDirectory() as folder:  # a job stopped half-way leaves no half model
        artifact = Path(folder) / "artifact"  # the temporary folder itself is closed to all others, and the copy would be so too
        write_artifact(artifact, network, card)
        write_golden(artifact, test, test_set.pictures)
        shutil.copytree(artifact, container.model, dirs_exist_ok=True)


def write_history(folder: Path, history: Sequence[Epoch]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "history.json").write_text(json.dumps([asdict(epoch) for epoch in history]))


if __name__ == "__main__":
    main()

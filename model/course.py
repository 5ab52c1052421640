"""The complete state of a training: a training that is interrupted and starts again ends with the same model."""

from dataclasses import asdict, astuple, dataclass, field
from typing import Any

import torch
from torch import nn

from model.checkpoint import Checkpoints
from model.distributed import World
from model.evaluate import Evaluation
from model.proof import Shares, shares_of


@dataclass(frozen=True)
class Epoch:
    """One line of the history; losses and accuracies are means over images."""

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


@dataclass
class Tally:
    """The part of one rank in the current epoch: sums over its images, and how often it has trained on each image.

    `seen` is int64 `(images,)`.
    """

    seen: torch.Tensor
    batches: int = 0
    loss_sum: float = 0.0
    right: int = 0


@dataclass
class Course:
    """The training state of one rank; every rank must make the same calls.

    `order` is the order of the images in the current epoch, None before the epoch begins.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    images: int
    world: World
    checkpoints: Checkpoints
    history: list[Epoch] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)
    best: Epoch | None = None
    weights: dict[str, torch.Tensor] = field(default_factory=dict)
    order: torch.Tensor | None = None
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self.tally = self._nothing()

    @property
    def epoch(self) -> int:
        """Number of the current epoch, from 1."""
        return len(self.history) + 1

    def begin_epoch(self) -> torch.Tensor:
        """The order of the images in this epoch, int64 `(images,)`; an epoch that was interrupted keeps its order."""
        if self.order is None:
            self.order = self.world.agree(torch.randperm(self.images))
        return self.order

    def end_epoch(self, valid: Evaluation) -> Epoch:
        """Add the epoch to the history, and keep its weights when no earlier epoch had a lower validation loss."""
        sums = torch.tensor([self.tally.loss_sum, self.tally.right], dtype=torch.float64)
        loss, accuracy = (self.world.sum(sums) / self.images).tolist()
        number = self.epoch
        epoch = Epoch(number, loss, accuracy, valid.loss, valid.accuracy)
        self.history.append(epoch)
        self.shares.append(shares_of(number, self.tally.seen, self.world))
        if self.best is None or epoch.valid_loss < self.best.valid_loss:
            self.best = epoch
            self.weights = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        self.order, self.tally = None, self._nothing()
        return epoch

    def save(self) -> None:
        """Write a checkpoint on the first rank; all ranks wait at a barrier until it is there."""
        ranks = self.world.collect(self._own_state())
        if self.world.rank == 0:
            state = {**self._shared_state(), "ranks": ranks}
            self.checkpoints.write(state, epoch=self.epoch, batches=self.tally.batches, ranks=self.world.size)
        self.world.meet()

    def resume(self) -> None:
        """Load the newest checkpoint, if there is one."""
        state = self.checkpoints.newest(self.world)
        if state is None:
            return
        for name in ("network", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.history = [Epoch(*row) for row in state["history"]]
        self.shares = [Shares(**row) for row in state["shares"]]
        self.best = None if state["best"] is None else Epoch(*state["best"])
        self.weights, self.order = state["weights"], state["order"]
        self._restore(state["ranks"][self.world.rank])
        self.world.say(f"resumed from a checkpoint: {self.epoch - 1} epochs and {self.tally.batches} batches are done")

    def _shared_state(self) -> dict[str, Any]:
        """The state that is equal on all ranks."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "history": [astuple(epoch) for epoch in self.history],
            "shares": [asdict(shares) for shares in self.shares],
            "best": None if self.best is None else astuple(self.best),
            "weights": self.weights,
            "order": self.order,
        }

    def _own_state(self) -> dict[str, Any]:
        """The state that differs between ranks: random generators, the part of the epoch, and the batch norm statistics of the epoch."""
        return {
            "tally": vars(self.tally),
            "statistics": {name: buffer.cpu() for name, buffer in self.network.named_buffers()},
            "random": torch.get_rng_state(),
            "random of the GPU": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        }

    def _restore(self, own: dict[str, Any]) -> None:
        self.tally = Tally(**own["tally"])
        self.network.load_state_dict(own["statistics"], strict=False)
        torch.set_rng_state(own["random"])
        if own["random of the GPU"] is not None and torch.cuda.is_available():
            torch.cuda.set_rng_state(own["random of the GPU"])

    def _nothing(self) -> Tally:
        return Tally(torch.zeros(self.images, dtype=torch.int64))

"""Where a training stands: all that decides how it goes on, so that one which starts again ends as if nothing had happened."""

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


@dataclass
class Tally:
    """One rank's part of the present epoch: sums over its pictures, and how often it has trained on each, int64 `(pictures,)`."""

    seen: torch.Tensor
    batches: int = 0
    loss_sum: float = 0.0
    right: int = 0


@dataclass
class Course:
    """Every rank has one and all make the same calls; `order` is that of the pictures in the present epoch, None before it begins."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    pictures: int
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
        """Number of the present one."""
        return len(self.history) + 1

    def begin_epoch(self) -> torch.Tensor:
        """The order of its pictures, int64 `(pictures,)`; that of an epoch which was interrupted stays."""
        if self.order is None:
            self.order = self.world.agree(torch.randperm(self.pictures))
        return self.order

    def end_epoch(self, valid: Evaluation) -> Epoch:
        """Its line of the history; its weights are kept when no epoch before had a lower validation loss."""
        sums = torch.tensor([self.tally.loss_sum, self.tally.right], dtype=torch.float64)
        loss, accuracy = (self.world.sum(sums) / self.pictures).tolist()
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
        """Write a checkpoint, which the first rank does for all; they go on when it is there."""
        ranks = self.world.collect(self._own_state())
        if self.world.rank == 0:
            state = {**self._shared_state(), "ranks": ranks}
            self.checkpoints.write(state, epoch=self.epoch, batches=self.tally.batches, ranks=self.world.size)
        self.world.meet()

    def resume(self) -> None:
        """Go on from the newest checkpoint, if there is one."""
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
        self.world.say(f"going on from a checkpoint: {self.epoch - 1} epochs and {self.tally.batches} batches are done")

    def _shared_state(self) -> dict[str, Any]:
        """What all ranks have alike."""
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
        """What each rank has of its own: randomness, its part of the epoch, and what its batch norms have seen in it."""
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
        return Tally(torch.zeros(self.pictures, dtype=torch.int64))

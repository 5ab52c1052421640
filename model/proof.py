"""The proof that several ranks trained one model: each picture went to one of them an epoch, and all hold the same parameters."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from model.distributed import World


@dataclass(frozen=True)
class Shares:
    """How one epoch was shared out: how many pictures each rank saw, whether none was seen twice and none left out."""

    epoch: int
    pictures: tuple[int, ...]
    disjoint: bool
    covered: bool


def shares_of(epoch: int, seen: torch.Tensor, world: World) -> Shares:
    """From how often this rank has trained on each picture of the split, int64 `(pictures,)`."""
    total = world.sum(seen)
    pictures = tuple(int(count) for count in world.gather(seen.sum()))
    return Shares(epoch, pictures, disjoint=bool(total.max() <= 1), covered=bool(total.min() >= 1))


@dataclass(frozen=True)
class Proof:
    """What the ranks have found out together; `hashes` has one of each rank's parameters."""

    ranks: int
    disjoint: bool
    covered: bool
    equal_hashes: bool
    hashes: tuple[str, ...]
    epochs: tuple[Shares, ...]

    def __str__(self) -> str:
        names = ("ranks", "disjoint", "covered", "equal_hashes")
        return " ".join(f"distributed:{name}={int(getattr(self, name))}" for name in names)

    @property
    def holds(self) -> bool:
        return self.disjoint and self.covered and self.equal_hashes


def prove(network: nn.Module, epochs: Sequence[Shares], world: World, folder: Path) -> None:
    """Print and write `distributed.json`; RuntimeError on every rank when they did not train one model."""
    hashes = tuple(bytes(digest.tolist()).hex() for digest in world.gather(parameter_hash(network)))
    disjoint, covered = all(epoch.disjoint for epoch in epochs), all(epoch.covered for epoch in epochs)
    proof = Proof(world.size, disjoint, covered, len(set(hashes)) == 1, hashes, tuple(epochs))
    world.say(proof)
    if world.rank == 0:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "distributed.json").write_text(json.dumps(asdict(proof), indent=2))
    if not proof.holds:
        raise RuntimeError(f"the {world.size} ranks did not train one model, so none is written: {proof}")


def parameter_hash(network: nn.Module) -> torch.Tensor:
    """SHA-256 of all weights and statistics, uint8 `(32,)`."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return torch.tensor(list(digest.digest()), dtype=torch.uint8)

"""The proof that several ranks trained one model: in each epoch every image went to one rank, and all ranks have equal parameters."""

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
    """The distribution of one epoch over the ranks: images per rank, no image twice (`disjoint`), no image left out (`covered`)."""

    epoch: int
    pictures: tuple[int, ...]
    disjoint: bool
    covered: bool


def shares_of(epoch: int, seen: torch.Tensor, world: World) -> Shares:
    """Combine the counts of all ranks; `seen`, int64 `(images,)`, counts how often this rank has trained on each image."""
    total = world.sum(seen)
    pictures = tuple(int(count) for count in world.gather(seen.sum()))
    return Shares(epoch, pictures, disjoint=bool(total.max() <= 1), covered=bool(total.min() >= 1))


@dataclass(frozen=True)
class Proof:
    """The result that all ranks computed together; `hashes` holds the parameter hash of each rank."""

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
    """Print the proof and write it to `distributed.json`; RuntimeError on every rank when the ranks did not train one model."""
    hashes = tuple(bytes(digest.tolist()).hex() for digest in world.gather(parameter_hash(network)))
    disjoint, covered = all(epoch.disjoint for epoch in epochs), all(epoch.covered for epoch in epochs)
    proof = Proof(world.size, disjoint, covered, len(set(hashes)) == 1, hashes, tuple(epochs))
    world.say(proof)
    if world.rank == 0:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "distributed.json").write_text(json.dumps(asdict(proof), indent=2))
    if not proof.holds:
        raise RuntimeError(f"the {world.size} ranks did not train one model, so no model is written: {proof}")


def parameter_hash(network: nn.Module) -> torch.Tensor:
    """SHA-256 of all parameters and buffers, uint8 `(32,)`."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return torch.tensor(list(digest.digest()), dtype=torch.uint8)

"""Checkpoints: two files in a folder that take turns, so that a newest one that is damaged leaves the one before it.

A file is a line of JSON, which says how far it is and what the SHA-256 of the rest must be, and that rest, which `torch.save` wrote.
"""

import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from model.distributed import World

NAMES = ("checkpoint-0", "checkpoint-1")
UNFINISHED = "checkpoint-unfinished"


@dataclass(frozen=True, order=True)
class Mark:
    """How far a checkpoint is: `batches` of the epoch number `epoch` are done; it is of use to as many `ranks` as wrote it."""

    epoch: int
    batches: int
    ranks: int
    sha256: str


class Checkpoints:
    """Those in `folder`, which whoever runs the job brings back when it starts again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._next = folder, 0

    def write(self, state: Mapping[str, Any], *, epoch: int, batches: int, ranks: int) -> None:
        """Take the place of the older one; whoever looks finds that one or the new one whole, never half of it."""
        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        content = buffer.getbuffer()
        mark = Mark(epoch, batches, ranks, hashlib.sha256(content).hexdigest())
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / UNFINISHED
        with unfinished.open("wb") as file:
            file.write(json.dumps(asdict(mark)).encode() + b"\n")
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._folder / NAMES[self._next])
        self._next = 1 - self._next

    def newest(self, world: World) -> dict[str, Any] | None:
        """What was written last, of that which every rank finds whole; None where there is nothing."""
        own = {mark: place for place, name in enumerate(NAMES) if (mark := self._whole(name)) and mark.ranks == world.size}
        common = set.intersection(*(set(marks) for marks in world.collect(list(own))))
        if not common:
            return None
        place = own[max(common)]
        self._next = 1 - place
        content = (self._folder / NAMES[place]).read_bytes().partition(b"\n")[2]
        state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        return state

    def _whole(self, name: str) -> Mark | None:
        """What a file says of itself; None where there is none, or it is damaged."""
        path = self._folder / name
        if not path.is_file():
            return None
        with path.open("rb") as file:
            try:
                mark = Mark(**json.loads(file.readline()))
            except (ValueError, TypeError):
                mark = None
            if mark and hashlib.file_digest(file, "sha256").hexdigest() == mark.sha256:
                return mark
        print(f"{name} is damaged and passed over", flush=True)
        return None

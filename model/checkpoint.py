"""Checkpoints: two files take turns, so that the older checkpoint is still there when the newest one is damaged.

The first line of a file is JSON: how far the training was, and the SHA-256 of the remaining bytes, which `torch.save` wrote.
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
    """The progress that a checkpoint holds: `batches` batches of epoch number `epoch` are done.

    Only a job with the same number of `ranks` can use the checkpoint.
    """

    epoch: int
    batches: int
    ranks: int
    sha256: str


class Checkpoints:
    """The checkpoints in `folder`; the service that runs the job restores this folder when the job starts again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._next = folder, 0

    def write(self, state: Mapping[str, Any], *, epoch: int, batches: int, ranks: int) -> None:
        """Replace the older checkpoint atomically: a reader finds either the old file or the new one, never half of a file."""
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
        """Read the newest checkpoint that is intact on every rank; None when there is no such checkpoint."""
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
        """The mark of an intact checkpoint file; None when the file is missing or damaged."""
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
        print(f"{name} is damaged: it is ignored", flush=True)
        return None

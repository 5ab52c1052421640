"""Images in uncompressed tar shards: an index of byte ranges, and batches of decoded pixels. Nothing is unpacked to disk."""

import os
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch

from model.images import open_image, pixels

CACHE_BYTES = 1 << 30


@dataclass(frozen=True)
class ImageEntry:
    """One image in a shard: the tar member `<class>/<file>`."""

    file: str
    shard: Path
    offset: int
    size: int

    @property
    def label(self) -> str:
        return self.file.split("/")[0]

    def read(self) -> bytes:
        with self.shard.open("rb") as shard:
            shard.seek(self.offset)
            return shard.read(self.size)


def read_index(channel: Path) -> list[ImageEntry]:
    """List the images of a channel in the order of its shards; an error when there are none or an image has no class folder."""
    entries = []
    for shard in sorted(channel.glob("*.tar")):
        with tarfile.open(shard, "r:") as archive:
            entries += [ImageEntry(member.name, shard, member.offset_data, member.size) for member in archive if member.isfile()]
    if not entries:
        raise FileNotFoundError(f"channel {channel} holds no image: it needs *.tar files with members <class>/<file>")
    misplaced = [entry.file for entry in entries if entry.file.count("/") != 1]
    if misplaced:
        raise ValueError(f"channel {channel} holds {misplaced[0]}: images must be named <class>/<file>")
    return entries


def class_names(entries: Sequence[ImageEntry]) -> list[str]:
    return sorted({entry.label for entry in entries})


class ImageSet:
    """Images as pixels and labels; decoded once when all fit into CACHE_BYTES, otherwise on each use."""

    def __init__(self, entries: Sequence[ImageEntry], classes: Sequence[str], image_size: int) -> None:
        unknown = sorted({entry.label for entry in entries} - set(classes))
        if unknown:
            raise ValueError(f"{entries[0].shard.parent} has classes that the train split does not have: {', '.join(unknown)}")
        self.entries, self.classes, self.image_size = entries, classes, image_size
        self.labels = torch.tensor([classes.index(entry.label) for entry in entries])
        self._cache = self._decode(range(len(entries))) if len(entries) * 3 * image_size**2 <= CACHE_BYTES else None

    def __len__(self) -> int:
        return len(self.entries)

    def batch(self, positions: torch.Tensor) -> torch.Tensor:
        """uint8 `(len(positions), 3, image_size, image_size)`."""
        return self._cache[positions] if self._cache is not None else self._decode(positions.tolist())

    def _decode(self, positions: Sequence[int]) -> torch.Tensor:
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow decodes outside the GIL
            return torch.stack(list(pool.map(self._pixels, positions)))

    def _pixels(self, position: int) -> torch.Tensor:
        entry = self.entries[position]
        try:
            return pixels(open_image(entry.read()), self.image_size)
        except ValueError as error:
            raise ValueError(f"{entry.shard.name} holds a bad image {entry.file}: {error}") from error

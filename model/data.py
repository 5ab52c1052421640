"""Pictures in uncompressed tar shards: an index of byte ranges, and batches of decoded pixels. Nothing is unpacked to disk."""

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
class Picture:
    """One member `<class>/<file>` of a shard."""

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


def read_index(channel: Path) -> list[Picture]:
    """All pictures of a channel in the order of its shards; an error when there are none or one is in no class folder."""
    pictures = []
    for shard in sorted(channel.glob("*.tar")):
        with tarfile.open(shard, "r:") as archive:
            pictures += [Picture(member.name, shard, member.offset_data, member.size) for member in archive if member.isfile()]
    if not pictures:
        raise FileNotFoundError(f"channel {channel} holds no picture: it needs *.tar files with members <class>/<file>")
    misplaced = [picture.file for picture in pictures if picture.file.count("/") != 1]
    if misplaced:
        raise ValueError(f"channel {channel} holds {misplaced[0]}: pictures must be named <class>/<file>")
    return pictures


def class_names(pictures: Sequence[Picture]) -> list[str]:
    return sorted({picture.label for picture in pictures})


class ImageSet:
    """Pictures as pixels and labels; decoded once and kept when they all fit into CACHE_BYTES, otherwise on each use."""

    def __init__(self, pictures: Sequence[Picture], classes: Sequence[str], image_size: int) -> None:
        unknown = sorted({picture.label for picture in pictures} - set(classes))
        if unknown:
            raise ValueError(f"{pictures[0].shard.parent} has classes that train has not: {', '.join(unknown)}")
        self.pictures, self.classes, self.image_size = pictures, classes, image_size
        self.labels = torch.tensor([classes.index(picture.label) for picture in pictures])
        self._cache = self._decode(range(len(pictures))) if len(pictures) * 3 * image_size**2 <= CACHE_BYTES else None

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, positions: torch.Tensor) -> torch.Tensor:
        """uint8 `(len(positions), 3, image_size, image_size)`."""
        return self._cache[positions] if self._cache is not None else self._decode(positions.tolist())

    def _decode(self, positions: Sequence[int]) -> torch.Tensor:
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow decodes outside the GIL
            return torch.stack(list(pool.map(self._pixels, positions)))

    def _pixels(self, position: int) -> torch.Tensor:
        picture = self.pictures[position]
        try:
            return pixels(open_image(picture.read()), self.image_size)
        except ValueError as error:
            raise ValueError(f"{picture.shard.name} holds a bad picture {picture.file}: {error}") from error

"""Pack images into a few tar files: S3 and SageMaker are slow with thousands of small objects, and fast with a few large ones."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pedigree.aws.errors import InvalidInput
from pedigree.dataset.listing import ImageFile

SHARD_BYTES = 64 * 1024 * 1024


def plan_shards(images: Sequence[ImageFile]) -> Iterator[tuple[str, list[ImageFile]]]:
    """The (`<split>/<number>.tar`, images) of each shard, up to SHARD_BYTES; the same images always give the same shards."""
    for split in sorted({image.split for image in images}):
        shard: list[ImageFile] = []
        number = size = 0
        for image in (image for image in images if image.split == split):
            bytes_ = image.path.stat().st_size
            if shard and size + bytes_ > SHARD_BYTES:
                yield f"{split}/{number:05}.tar", shard
                shard, size, number = [], 0, number + 1
            shard.append(image)
            size += bytes_
        yield f"{split}/{number:05}.tar", shard


def write_shard(images: Sequence[ImageFile], target: Path) -> None:
    """Write a plain tar, byte for byte equal for equal images: it has no times, owners or modes of this machine."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for image in images:
            content = unchanged(image)
            member = tarfile.TarInfo(image.name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def unchanged(image: ImageFile) -> bytes:
    """The bytes that were inspected; InvalidInput when the file has changed since: the dataset's key would be of other images."""
    content = image.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != image.sha256:
        raise InvalidInput("dataset", str(image.path), "the file has changed since it was inspected", "run again when nobody writes to it")
    return content

"""The header of a safetensors file: https://huggingface.co/docs/safetensors"""

import struct
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from pedigree.aws.archives import MB, BadArchive, parse

MOST_HEADER = 100 * MB  # what safetensors itself accepts
Size = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Tensor:
    """One tensor in the header."""

    shape: list[Size]
    data_offsets: tuple[Size, Size]


def tensors_of(name: str, beginning: bytes, size: int) -> list[Tensor]:
    """The tensors of a file of `size` bytes that begins so; BadArchive where its header does not fit it."""
    if size < 8:
        raise BadArchive(f"{name} has {size} bytes, too few for a header")
    (length,) = struct.unpack("<Q", beginning[:8])
    if length > min(MOST_HEADER, size - 8):
        raise BadArchive(f"{name} has {size} bytes, but its first eight announce a header of {length:,}")
    header = parse(dict[str, Tensor | dict[str, str]], f"the header of {name}", beginning[8 : 8 + length])
    tensors = [tensor for tensor in header.values() if isinstance(tensor, Tensor)]
    end = 8 + length + max((tensor.data_offsets[1] for tensor in tensors), default=0)
    if end != size:
        raise BadArchive(f"{name} has {size} bytes, but its header says {end}")
    return tensors

"""The archives that jobs leave in S3, read as what a stranger wrote: known members only, once each, and none above its size."""

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")
MB = 2**20
CHUNK = MB
MOST_MEMBERS = 1000
MOST_PADDING = MB  # tar fills its last record with zeros, which is 10 KiB long unless somebody asked for longer ones
BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError)


class BadArchive(Exception):
    """An archive that nobody should unpack; the text says why."""


@dataclass(frozen=True)
class Known:
    """Members that an archive may hold: a pattern of their names, the most bytes of each, and how many of those are kept."""

    names: str
    most: int
    kept: int

    @classmethod
    def whole(cls, names: str, most: int) -> "Known":
        """Members that are kept from their first byte to their last."""
        return cls(names, most, most)


@dataclass(frozen=True)
class Member:
    """A regular file of an archive: its size in bytes, and the first of them, as many as are kept."""

    size: int
    content: bytes


class Bounded(gzip.GzipFile):
    """A gzip file in which no single read is longer than CHUNK, so that a header cannot fill the memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= CHUNK:
            raise BadArchive(f"it has a header of more than {CHUNK:,} bytes")
        return super().read(size)


def read_archive(file: IO[bytes], known: Sequence[Known]) -> dict[str, Member]:
    """{name: member} of a .tar.gz; BadArchive where it is damaged, or holds anything but `known` members and their folders."""
    try:
        with Bounded(fileobj=file) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            found = dict(members(archive, known))
            require_end(stream)
    except BROKEN as error:
        raise BadArchive(f"the archive is damaged: {error}") from error
    return found


def members(archive: tarfile.TarFile, known: Sequence[Known]) -> Iterator[tuple[str, Member]]:
    """(name, member) of each file; the names have no `./` in front, which some tar programs write."""
    seen = set[str]()
    for entry in archive:
        name = entry.name.removeprefix("./")
        if name in seen:
            raise BadArchive(f"it holds {name!r} twice")
        seen.add(name)
        if len(seen) > MOST_MEMBERS:
            raise BadArchive(f"it holds more than {MOST_MEMBERS:,} members")
        if entry.isdir() and is_folder(name, known):
            continue
        yield name, read_member(archive, entry, rule_of(entry, name, known))


def rule_of(entry: tarfile.TarInfo, name: str, known: Sequence[Known]) -> Known:
    """The rule for a member; BadArchive where there is none, or the member breaks it."""
    rule = next((rule for rule in known if re.fullmatch(rule.names, name)), None)
    if rule is None:
        raise BadArchive(f"it holds {name!r}, which does not belong there")
    if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise BadArchive(f"{name!r} in it is no regular file")
    if entry.size > rule.most:
        raise BadArchive(f"{name!r} in it has {entry.size:,} bytes, more than the {rule.most:,} that it may have")
    return rule


def is_folder(name: str, known: Sequence[Known]) -> bool:
    """Whether members may lie in this folder: patterns name their folders as they are."""
    return name in (".", "") or any(name == str(folder) for rule in known for folder in PurePosixPath(rule.names).parents)


def read_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, rule: Known) -> Member:
    file = archive.extractfile(entry)
    assert file is not None, "a regular file"
    content, wanted = bytearray(), min(entry.size, rule.kept)
    while len(content) < wanted:
        piece = file.read(min(CHUNK, wanted - len(content)))
        if not piece:
            raise EOFError(f"{entry.name} ends early")
        content += piece
    return Member(entry.size, bytes(content))


def require_end(stream: Bounded) -> None:
    """Read up to the checksum of the archive; BadArchive where more than padding comes after its last member."""
    padding = 0
    while piece := stream.read(CHUNK):
        padding += len(piece)
        if padding > MOST_PADDING or piece.strip(b"\0"):
            raise BadArchive("something comes after its last member")


def parse(kind: type[T], name: str, content: bytes) -> T:
    """The JSON of a member as a value of this type; BadArchive says where it is another one."""
    try:
        return TypeAdapter(kind).validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise BadArchive(f"{name} cannot be read{f' at {place}' if place else ''}: {first['msg']}") from error

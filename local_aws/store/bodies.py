"""Bodies of S3 objects and of multipart parts as files in one folder.

moto keeps small bodies in memory and an open file descriptor for every larger body. Here a body is open only while it is read or written.
"""

import hashlib
import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

from local_aws.corrections import correct
from local_aws.refused_objects import permission

SMALLEST_PART = 5 * 1024 * 1024
BLOCK = 1024 * 1024


def keep_bodies_in(folder: Path) -> None:
    """Make moto's S3 keep its bodies in `folder`; local_aws evaluates bucket policies, because it knows their conditions."""
    folder.mkdir(parents=True, exist_ok=True)
    BodyFile.folder = folder
    correct("moto.s3.models", use_files)


def use_files(models: Any) -> None:
    models.tempfile = SimpleNamespace(SpooledTemporaryFile=lambda *_args, **_options: BodyFile(uuid.uuid4().hex))
    models.FakeMultipart.complete = complete
    models.FakeKey.__deepcopy__ = without_body
    models.FakeKey.__getstate__, models.FakeKey.__setstate__ = without_lock, with_lock
    models.FakeBucket.get_permission = permission


def without_body(key: Any, _memo: object) -> Any:
    """The copy of a version in ListObjectVersions; moto's copy would read every body, also bodies that are deleted."""
    listed = object.__new__(type(key))
    listed.__dict__.update(key.__dict__, multipart=None, disposed=True, _value_buffer=None)
    return listed


def without_lock(key: Any) -> dict[str, Any]:
    """The state of an object that the memory keeps; moto's version would read the body."""
    return {name: value for name, value in vars(key).items() if name != "lock"}


def with_lock(key: Any, state: dict[str, Any]) -> None:
    vars(key).update(state, lock=threading.Lock())


class BodyFile:
    """The buffer interface that moto's FakeKey uses, over a file that is deleted some time after `close`."""

    folder: ClassVar[Path]
    named: ClassVar[set[str]] = set()  # the files that the records of the last start name

    def __init__(self, name: str) -> None:
        self._name = name
        self._position = 0

    def __reduce__(self) -> tuple[Any, ...]:
        return named_body, (self._name,)

    @property
    def path(self) -> Path:
        return self.folder / self._name

    def seek(self, position: int) -> None:
        self._position = position

    def truncate(self) -> None:
        """Do nothing: FakeKey truncates before it writes a whole body, and `write` replaces the file."""

    def write(self, data: "bytes | JoinedParts") -> None:
        if isinstance(data, JoinedParts):
            data.path.replace(self.path)
        else:
            self.path.write_bytes(data)

    def read(self, size: int = -1) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self._position)
            data = file.read(size)
        self._position += len(data)
        return data

    def close(self) -> None:
        """Let `delete_closed` of this thread delete the file: until the call is kept, a record on disk may name it."""
        CLOSED.__dict__.setdefault("paths", []).append(self.path)


CLOSED = threading.local()


def delete_closed() -> None:
    """Delete the bodies that this thread has closed."""
    for path in CLOSED.__dict__.pop("paths", []):
        path.unlink(missing_ok=True)


def named_body(name: str) -> BodyFile:
    BodyFile.named.add(name)
    return BodyFile(name)


def delete_others(folder: Path) -> None:
    """Delete the bodies that no record names which has come back."""
    for path in folder.iterdir():
        if path.name not in BodyFile.named:
            path.unlink()
    BodyFile.named.clear()


class JoinedParts:
    """The parts of an upload, joined in one file, which becomes the body of the object."""

    def __init__(self, parts: list[Any]) -> None:
        first: Path = parts[0]._value_buffer.path
        self.path = first.with_name(uuid.uuid4().hex)
        with self.path.open("wb") as joined:
            for part in parts:
                with part._value_buffer.path.open("rb") as body:
                    shutil.copyfileobj(body, joined, BLOCK)
            self._size = joined.tell()

    def __len__(self) -> int:
        return self._size  # moto asks for the size after the file has become the object's body


def complete(upload: Any, body: Iterable[tuple[int, str]]) -> tuple[JoinedParts, str, tuple[str, str, int]]:
    """Replace moto's `FakeMultipart.complete`, which joins the parts in memory: (body, ETag, (checksum type, value, parts))."""
    from moto.s3.exceptions import EntityTooSmall, MalformedXML

    parts = [find_part(upload, number, etag) for number, etag in body]
    if not parts:
        raise MalformedXML
    if any(part.contentsize < SMALLEST_PART for part in parts[:-1]):
        raise EntityTooSmall
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    joined = JoinedParts(parts)
    return joined, etag, checksum(upload.metadata, parts, joined)


def find_part(upload: Any, number: int, etag: str) -> Any:
    from moto.s3.exceptions import InvalidPart

    part = upload.parts.get(number)
    if part is None or part.etag.strip('"') != etag.strip('"'):
        raise InvalidPart
    return part


def checksum(metadata: Any, parts: list[Any], joined: JoinedParts) -> tuple[str, str, int]:
    from moto.s3.utils import compute_checksum

    algorithm = metadata.get("x-amz-checksum-algorithm") or "CRC64NVME"
    kind = metadata.get("x-amz-checksum-type") or ("FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE")
    if kind == "COMPOSITE":
        sums = b"".join(compute_checksum(part.value, algorithm, encode_base64=False) for part in parts)
        return kind, compute_checksum(sums, algorithm).decode(), len(parts)
    return kind, compute_checksum(joined.path.read_bytes(), algorithm).decode(), 1


def blocks(path: Path, start: int, length: int) -> Iterator[bytes]:
    """A range of a file in blocks; the file is opened at once, so that it may be deleted during the download."""
    file = path.open("rb")
    file.seek(start)

    def generate() -> Iterator[bytes]:
        left = length
        with file:
            while left > 0:
                block = file.read(min(BLOCK, left))
                left -= len(block)
                yield block

    return generate()

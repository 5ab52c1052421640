"""The journal: one JSON line for each call, which shows who did what to which resource, and by which permissions."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

LIMIT = 32 * 1024 * 1024  # bytes of one file
KEPT = 8  # full files


@dataclass(frozen=True)
class Entry:
    """One call: `principal` is an ARN or a service name, `outcome` is "ok" or the error code, `fault` is the injected fault.

    `requirements` are all permissions that the call needs: action, resource, and as `context` the condition keys of this resource. The
    `context` of the entry holds those of the whole call. So the decision of any policy can be computed again.
    """

    principal: str
    action: str
    resource: str
    outcome: str = "ok"
    fault: str | None = None
    time: str = ""
    requirements: list[dict[str, Any]] = field(default_factory=list)
    context: Mapping[str, list[str]] = field(default_factory=dict)


class Journal:
    """A file to which any thread appends entries, one line for each; a file that is full gets its first position as a suffix.

    Positions count the bytes since the beginning of the journal. Of full files the newest are kept.
    """

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._limit = path, limit
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry) | {"time": datetime.now(UTC).isoformat()})
        with self._lock:
            if self._file.closed:
                return
            if self._file.tell() >= self._limit:
                self._rotate()
            self._file.write(line + "\n")

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        self.path.rename(f"{self.path}.{beginning(self.path):015d}")
        self._file = self.path.open("a", buffering=1)
        for old in full_files(self.path)[:-KEPT]:
            old.unlink()


def full_files(path: Path) -> list[Path]:
    """The full files of a journal, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.*"))


def beginning(path: Path) -> int:
    """The position at which the file that is written begins."""
    full = full_files(path)
    return position_of(full[-1]) + full[-1].stat().st_size if full else 0


def position_of(full: Path) -> int:
    return int(full.suffix.removeprefix("."))


def journal_end(path: Path) -> int:
    """The position behind the last entry, from which `read_journal` gives what is written later."""
    return beginning(path) + path.stat().st_size


def read_journal(path: Path, start: int = 0) -> Iterator[Entry]:
    """The entries written so far, the oldest first, from the position `start` on; none when there is no journal yet."""
    if not path.exists():
        return
    with path.open() as current:  # opened first: it may become a full file while the others are read
        mine = os.fstat(current.fileno()).st_ino
        position = 0
        for full in full_files(path):
            if full.stat().st_ino == mine:
                break
            position = position_of(full) + full.stat().st_size
            with full.open() as lines:
                yield from entries(lines, start - position_of(full))
        yield from entries(current, start - position)


def entries(lines: TextIO, start: int) -> Iterator[Entry]:
    lines.seek(min(max(start, 0), os.fstat(lines.fileno()).st_size))
    for line in lines:
        if line.endswith("\n"):  # another thread may still be writing the last line
            yield Entry(**json.loads(line))

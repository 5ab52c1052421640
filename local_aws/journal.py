"""The journal: one JSON line for each call, which shows who did what to which resource."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One call: `principal` is an ARN or a service name, `outcome` is "ok" or the error code, `fault` is the injected fault."""

    principal: str
    action: str
    resource: str
    outcome: str = "ok"
    fault: str | None = None
    time: str = ""


class Journal:
    """A file to which any thread appends entries, one line for each."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry) | {"time": datetime.now(UTC).isoformat()})
        with self._lock:
            if not self._file.closed:
                self._file.write(line + "\n")

    def close(self) -> None:
        with self._lock:
            self._file.close()


def read_journal(path: Path, start: int = 0) -> Iterator[Entry]:
    """The entries written so far, the oldest first, from the byte `start` on; none when there is no journal yet."""
    if not path.exists():
        return
    with path.open() as lines:
        lines.seek(start)
        for line in lines:
            if line.endswith("\n"):  # another thread may still be writing the last line
                yield Entry(**json.loads(line))

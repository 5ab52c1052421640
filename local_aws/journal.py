"""The journal: one JSON line a call, so that a test or a person can ask who did what to which resource."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One call: `principal` is an ARN or a service name, `outcome` "ok" or the error code, `fault` the fault that struck."""

    principal: str
    action: str
    resource: str
    outcome: str = "ok"
    fault: str | None = None
    time: str = ""


class Journal:
    """Appends entries to a file, a line each, from any thread."""

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


def read_journal(path: Path) -> Iterator[Entry]:
    """The entries written so far, oldest first; none when there is no journal yet."""
    if not path.exists():
        return
    with path.open() as lines:
        for line in lines:
            if line.endswith("\n"):  # the last one may still be being written
                yield Entry(**json.loads(line))

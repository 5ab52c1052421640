"""All tests in three pytest processes side by side: `python -m tests`, which is `make test`.

Tests with a server wait more than they compute, so the others run meanwhile. With arguments, one pytest takes them all.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

MARKERS = ("quick or slow", "server", "e2e")
PYTEST = [sys.executable, "-m", "pytest"]
Part = subprocess.Popen[bytes]


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = {marker: Path(folder) / f"{number}.xml" for number, marker in enumerate(MARKERS)}
        statuses = run_side_by_side(results)
        print(closing_line([*results.values()], time.monotonic() - started))
    return int(any(statuses))


def run_side_by_side(results: dict[str, Path]) -> list[int]:
    """Exit status of each process; each has written its result. What all but the first print is shown when all have ended."""
    parts: list[Part] = []
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal sends it to the parts too, which end what they have started
    signal.signal(signal.SIGTERM, lambda *_: end(parts))
    with ExitStack() as files:
        kept = [files.enter_context(tempfile.TemporaryFile()) for _ in MARKERS[1:]]
        for (marker, result), output in zip(results.items(), [None, *kept], strict=True):
            parts.append(start(marker, result, output))
        statuses = [part.wait() for part in parts]
        for file in kept:
            file.seek(0)
            print(file.read().decode(errors="replace"), flush=True)
    return statuses


def end(parts: list[Part]) -> None:
    """Let all end as after Ctrl-C."""
    for part in parts:
        part.send_signal(signal.SIGINT)


def start(marker: str, result: Path, output: IO[bytes] | None) -> Part:
    return subprocess.Popen([*PYTEST, "-m", marker, f"--junit-xml={result}"], stdout=output, stderr=subprocess.STDOUT if output else None)


def closing_line(results: list[Path], seconds: float) -> str:
    """What became of all tests, in the form of pytest's closing line; a process without a result counts as one failure."""
    counts = Counter[str]()
    for result in results:
        counts.update(count(result) if result.exists() else {"failed": 1})
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("failed", "passed", "skipped") if counts[outcome])
    return f" {outcomes} in {seconds:.2f}s ({timedelta(seconds=int(seconds))}) ".center(80, "=")


def count(result: Path) -> dict[str, int]:
    (suite,) = ElementTree.parse(result).getroot().iter("testsuite")
    tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return {"passed": tests - failed - skipped, "failed": failed, "skipped": skipped}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

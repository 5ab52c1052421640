"""All tests in two pytest processes side by side: `python -m tests`, which is `make test`.

The end-to-end tests wait more than they compute, so the others run meanwhile. With arguments, one pytest takes them all.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

PYTEST = [sys.executable, "-m", "pytest"]
Part = subprocess.Popen[bytes]


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = [Path(folder) / "others.xml", Path(folder) / "e2e.xml"]
        statuses = run_side_by_side(*results)
        print(closing_line(results, time.monotonic() - started))
    return int(any(statuses))


def run_side_by_side(others: Path, e2e: Path) -> list[int]:
    """Exit status of both processes; each has written its result. What the end-to-end tests print is shown when all have ended."""
    parts: list[Part] = []
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal sends it to the parts too, which end what they have started
    signal.signal(signal.SIGTERM, lambda *_: end(parts))
    with tempfile.TemporaryFile() as kept:
        parts += start("not e2e", others), start("e2e", e2e, kept)
        statuses = [part.wait() for part in parts]
        kept.seek(0)
        print(kept.read().decode(errors="replace"), flush=True)
    return statuses


def end(parts: list[Part]) -> None:
    """Let both end as after Ctrl-C."""
    for part in parts:
        part.send_signal(signal.SIGINT)


def start(marker: str, result: Path, output: IO[bytes] | None = None) -> Part:
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

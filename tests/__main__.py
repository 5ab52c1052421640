"""All tests in five pytest processes side by side: `python -m tests`, which is `make test`.

Tests with a server wait more than they compute, so the others run meanwhile. With arguments, one pytest takes them all.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

PARTS: tuple[Sequence[str], ...] = (  # the arguments of each; together they keep two cores at work
    ("-m", "quick or slow"),
    ("-m", "server", "tests/local_aws"),
    ("-m", "server", "tests/pedigree"),
    ("-m", "server", "--ignore=tests/local_aws", "--ignore=tests/pedigree"),
    ("-m", "e2e"),
)
PYTEST = [sys.executable, "-m", "pytest"]
Process = subprocess.Popen[bytes]


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = [Path(folder) / f"{number}.xml" for number in range(len(PARTS))]
        statuses = run_side_by_side(results)
        print(closing_line(results, time.monotonic() - started))
    return int(any(statuses))


def run_side_by_side(results: list[Path]) -> list[int]:
    """Exit status of each process; each has written its result. What all but the first print is shown when all have ended."""
    processes: list[Process] = []
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal sends it to the processes too, which end what they have started
    signal.signal(signal.SIGTERM, lambda *_: end(processes))
    with ExitStack() as files:
        kept = [files.enter_context(tempfile.TemporaryFile()) for _ in PARTS[1:]]
        for part, result, output in zip(PARTS, results, [None, *kept], strict=True):
            processes.append(start(part, result, output))
        statuses = [process.wait() for process in processes]
        for file in kept:
            file.seek(0)
            print(file.read().decode(errors="replace"), flush=True)
    return statuses


def end(processes: list[Process]) -> None:
    """Let all end as after Ctrl-C."""
    for process in processes:
        process.send_signal(signal.SIGINT)


def start(part: Sequence[str], result: Path, output: IO[bytes] | None) -> Process:
    return subprocess.Popen([*PYTEST, *part, f"--junit-xml={result}"], stdout=output, stderr=subprocess.STDOUT if output else None)


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

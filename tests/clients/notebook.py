"""A notebook in the environment of a client: cells of Python that share their names."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.lab.processes import PATIENCE

KERNEL = Path(__file__).with_name("kernel.py")


@dataclass(frozen=True)
class Cell:
    """What a cell printed, and what it gave back by the name `_`."""

    printed: str
    value: Any


@dataclass(frozen=True)
class Notebook:
    kernel: subprocess.Popen[str]

    def run(self, cell: str) -> Cell:
        """Run a cell that must succeed."""
        answer = self._ask(cell)
        assert not answer["error"], f"{answer['error']}\n{answer['printed']}"
        return Cell(answer["printed"], answer["value"])

    def error(self, cell: str) -> str:
        """The traceback of a cell that must fail."""
        answer = self._ask(cell)
        assert answer["error"], answer
        return str(answer["error"])

    def _ask(self, cell: str) -> dict[str, Any]:
        assert self.kernel.stdin
        assert self.kernel.stdout
        self.kernel.stdin.write(json.dumps(dedent(cell)) + "\n")
        self.kernel.stdin.flush()
        answer: dict[str, Any] = json.loads(self.kernel.stdout.readline())
        return answer


@contextmanager
def notebook(python: Path, environment: Mapping[str, str], folder: Path) -> Iterator[Notebook]:
    """A notebook whose working directory is `folder`, ended afterwards."""
    command = [str(python), str(KERNEL)]
    with subprocess.Popen(command, env=dict(environment), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as kernel:
        yield Notebook(kernel)
        assert kernel.stdin
        kernel.stdin.close()
        kernel.wait(timeout=PATIENCE)

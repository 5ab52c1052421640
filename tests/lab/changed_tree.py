"""Tests in a changed copy of the tree, each in a fork of one process that has imported all that is not ours.

So a case takes a second; a process of its own would import Prefect, boto3 and torch for ten.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".pedigree", "prefect.toml", ".*_cache")
IMPORTED = (
    *("boto3", "PIL.Image", "prefect", "prefect.testing.utilities", "prefect_aws", "pytest", "torch"),
    *("moto.backends", "moto.moto_server.werkzeug_app", "moto.iam", "moto.sagemaker", "moto.awslambda", "moto.applicationautoscaling"),
)
Files = Mapping[str, str]  # {path: content}


@dataclass(frozen=True)
class Outcome:
    """The exit status of pytest and its output."""

    status: int
    output: str


class ChangedTree:
    """A copy of the repository; a test sees it with some files changed, and afterwards they are as before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
        self._server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, path: str) -> str:
        """The content of a file, empty where there is none."""
        file = self._folder / path
        return file.read_text() if file.exists() else ""

    def run(self, changed: Files, *tests: str) -> Outcome:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with self._changed(changed):
            print(json.dumps([str(self._folder), *tests]), file=self._server.stdin, flush=True)
            return Outcome(**json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        self._server.terminate()  # between two tests it has no child
        self._server.communicate(timeout=30)

    @contextmanager
    def _changed(self, changed: Files) -> Iterator[None]:
        before = {path: self.read(path) for path in changed}
        self._write(changed)
        try:
            yield
        finally:
            self._write(before)

    def _write(self, files: Files) -> None:
        for path, content in files.items():
            if content:
                (self._folder / path).write_text(content)
            else:
                (self._folder / path).unlink()


def serve() -> None:
    """Answer each line `[folder, test, ...]` with the outcome of these tests in that folder."""
    sys.dont_write_bytecode = True  # files change more often than the clock of a bytecode cache tells
    for name in IMPORTED:
        importlib.import_module(name)
    for line in sys.stdin:
        folder, *tests = json.loads(line)
        print(json.dumps(run_forked(folder, tests)), flush=True)


def run_forked(folder: str, tests: list[str]) -> dict[str, int | str]:
    import pytest

    with tempfile.TemporaryFile("w+") as output:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os.chdir(folder)
            sys.path[0] = folder
            os._exit(pytest.main(["-q", "-p", "no:cacheprovider", *tests]))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return {"status": status, "output": output.read()}


if __name__ == "__main__":
    serve()

"""Child processes that end with the server, have a private environment, and whose output is read line by line."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

GUARD = str(Path(__file__).with_name("guard.py"))
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


class Child:
    """A guarded process: `terminate` sends SIGTERM, `kill` ends its whole group, `wait` returns its exit status (128 + signal)."""

    def __init__(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], on_line: Callable[[str], None]) -> None:
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", GUARD, str(lifeline), *command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[lifeline],
                start_new_session=True,
            )
        finally:
            os.close(lifeline)
        self._releasing = threading.Lock()
        self._reader = threading.Thread(target=self._read, args=(on_line,), daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def cpu_seconds(self) -> float:
        """CPU seconds of the process and of its descendants, without descendants that have ended."""
        import psutil  # a start has no processes

        with contextlib.suppress(psutil.Error):
            running = psutil.Process(self._process.pid).children(recursive=True)
            return sum(map(cpu_seconds, running))
        return 0.0

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended and its last line is read; return its exit status.

        `subprocess.TimeoutExpired` when the process does not end in time.
        """
        status = self._process.wait(timeout)
        self._reader.join(timeout=5)
        self._release()
        return status if status >= 0 else 128 - status

    def terminate(self) -> None:
        if self.running:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._release()
        self._process.wait()

    def _release(self) -> None:
        with self._releasing:
            if self._lifeline >= 0:
                os.close(self._lifeline)
                self._lifeline = -1

    def _read(self, on_line: Callable[[str], None]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            on_line(line.decode(errors="replace").rstrip("\n"))


def cpu_seconds(process: "psutil.Process") -> float:
    import psutil

    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def base_environment() -> dict[str, str]:
    """The environment variables of every machine, without those of this machine: no home, no proxy, no credentials."""
    return {
        "PATH": SYSTEM_PATH,
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",  # all machines share one set of cores: spinning threads would take them
    }

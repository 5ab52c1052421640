"""Looking at processes and waiting for what must come true, on Linux and macOS alike."""

import os
import subprocess
import time
from collections.abc import Callable

PATIENCE = 60.0  # seconds; a busy machine is slow, a broken thing never gets there


def alive(pid: int) -> bool:
    """A zombie that nobody reaps (no init in a container) counts as dead."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def wait_until(condition: Callable[[], object], why: str = "it never came true", pause: float = 0.05) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(pause)


def share_cores() -> None:
    """Let PyTorch, in this process and in those it starts, give a core away while it waits, and use only half of them.

    By default its threads spin while they wait: beside other work a step of a training then took 855 ms, where it takes 147 ms.
    The libraries read this when PyTorch is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))

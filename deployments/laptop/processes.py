"""Detached processes: start a process, find it again later, wait until it answers, end it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from deployments.laptop.ports import Port
from deployments.laptop.stack import MARK, Service, StackError

SAME_START = 2.0  # seconds of tolerance: psutil computes start times from the boot time, which clock adjustments change a little
TAIL = 20  # log lines quoted in an error


def start(module: list[str], log: Path, *, port: Port | None = None, environment: Mapping[str, str] | None = None) -> Service:
    """Start `python -m <module>` in a new session, with its output in `log`; `environment` is added to this process's environment.

    The port that it is going to serve on stays its own from now on.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own modules
            [sys.executable, "-m", *module],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(environment or {}),
            start_new_session=True,
            pass_fds=[port.lock] if port else [],
        )
    return Service(process.pid, psutil.Process(process.pid).create_time(), port.number if port else 0)


def find(service: Service) -> psutil.Process | None:
    """The process of the service if it still runs; never a later process with the same pid."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(service.pid)
        if abs(process.create_time() - service.created) < SAME_START and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def belonging_to(folder: Path) -> list[psutil.Process]:
    """Every process with the environment of the stack in `folder`, orphans included."""
    return [process for process in psutil.process_iter() if environment_of(process).get(MARK) == str(folder)]


def environment_of(process: psutil.Process) -> dict[str, str]:
    try:
        return dict(process.environ())
    except (psutil.Error, OSError):  # gone, a zombie, or another user's
        return {}


def wait_until_ready(service: Service, ready: Callable[[], bool], *, seconds: float, log: Path) -> None:
    """Return when `ready()` is true. Raises StackError, with the end of the log, when the process ends or after `seconds`."""
    if not wait_until(lambda: ready() or find(service) is None, seconds=seconds):
        raise StackError(f"{log.stem} is not ready after {seconds:.0f} s. {end_of(log)}")
    if find(service) is None:
        raise StackError(f"{log.stem} ended while it started. {end_of(log)}")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether the condition became true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return true


def answers(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a GET of the URL succeeds."""
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310  always our own http address
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return True
    except OSError:
        return False


def end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-TAIL:]
    return f"The end of {log}:\n" + "\n".join(f"  {line}" for line in lines)


def stop(processes: Iterable[psutil.Process], *, seconds: float = 10.0) -> None:
    """Send SIGTERM to the processes, then SIGKILL to those left; return when they and all their descendants have ended."""
    asked = list(processes)
    everyone = {*asked, *(child for process in asked for child in descendants(process))}
    for process in asked:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(everyone, timeout=seconds)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=seconds)


def descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []

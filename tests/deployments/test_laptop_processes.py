"""Detached processes are found again, never confused with others, and end with all they started."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deployments.laptop import processes
from deployments.laptop.stack import MARK, Service, StackError

SLEEPER = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEPER}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); print('born', flush=True); {SLEEPER}"


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Starter"]:
    starter = Starter(tmp_path, monkeypatch)
    yield starter
    processes.stop([process for service in starter.services if (process := processes.find(service))], seconds=5)


class Starter:
    """Starts Python code as a detached service, and remembers it so that the test leaves none behind."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.log = folder, folder / "service.log"
        self.services: list[Service] = []
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setenv("PYTHONPATH", str(folder))

    def __call__(self, code: str) -> Service:
        (self.folder / "service_under_test.py").write_text(code)
        service = processes.start(["service_under_test"], self.log, environment={MARK: str(self.folder)})
        self.services.append(service)
        return service

    def says(self, word: str) -> bool:
        return processes.wait_until(lambda: word in self.log.read_text(), seconds=30)


def test_a_started_process_is_found_by_its_record_in_a_session_of_its_own(started: Starter) -> None:
    service = started(SLEEPER)
    process = processes.find(service)
    assert process is not None
    assert os.getsid(process.pid) == process.pid


def test_another_process_with_the_same_pid_is_not_taken_for_the_recorded_one() -> None:
    own = Service(os.getpid(), psutil.Process().create_time())
    assert processes.find(own) is not None
    assert processes.find(replace(own, created=own.created - 3600)) is None


def test_stop_ends_a_process_and_the_children_it_leaves(started: Starter) -> None:
    service = started(PARENT)
    assert started.says("born")
    parent = processes.find(service)
    assert parent is not None
    (child,) = (Service(child.pid, child.create_time()) for child in parent.children())
    processes.stop([parent], seconds=0.5)
    assert processes.find(service) is None
    assert processes.find(child) is None


def test_stop_kills_what_ignores_sigterm(started: Starter) -> None:
    service = started(STUBBORN)
    assert started.says("deaf")
    processes.stop([psutil.Process(service.pid)], seconds=0.5)
    assert processes.find(service) is None


def test_orphans_are_known_by_their_environment(started: Starter) -> None:
    service = started(PARENT)
    assert started.says("born")
    os.kill(service.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: processes.find(service) is None, seconds=30)
    (orphan,) = processes.belonging_to(started.folder)
    processes.stop([orphan])
    assert processes.belonging_to(started.folder) == []


def test_a_service_that_ends_while_it_starts_has_its_log_quoted(started: Starter) -> None:
    service = started("raise SystemExit('port 4200 is on fire')")
    with pytest.raises(StackError, match=r"(?s)service ended while it started.*port 4200 is on fire"):
        processes.wait_until_ready(service, lambda: False, seconds=30, log=started.log)


def test_a_service_that_never_gets_ready_has_its_log_quoted(started: Starter) -> None:
    service = started("print('still thinking', flush=True); " + SLEEPER)
    assert started.says("thinking")
    with pytest.raises(StackError, match=r"(?s)service is not ready after 0 s.*still thinking"):
        processes.wait_until_ready(service, lambda: False, seconds=0.2, log=started.log)


def test_the_service_runs_with_this_python(started: Starter) -> None:
    started("import sys; print(sys.executable)")
    assert started.says(sys.executable)

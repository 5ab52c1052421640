"""What the keeper keeps is started again when it is killed, and never outlives its keeper."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deployments.laptop import processes
from deployments.laptop.stack import ROOT, Service

KEPT = """
import signal, threading, time
from deployments.laptop import keeper
keeper.GRACE = 0.2
signal.signal(signal.SIGTERM, signal.SIG_IGN)
threading.Thread(target=keeper.end_with_keeper, daemon=True).start()
print("kept", flush=True)
time.sleep(600)
"""
KEEPER = """
import sys
from deployments.laptop import keeper
keeper.PAUSE = 0.0
keeper.keep([sys.executable, "-m", "kept_under_test"])
"""


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    (tmp_path / "kept_under_test.py").write_text(KEPT)
    (tmp_path / "keeper_under_test.py").write_text(KEEPER)
    service = processes.start(["keeper_under_test"], tmp_path / "keeper.log")
    assert processes.wait_until(lambda: (tmp_path / "keeper.log").read_text().count("kept\n") == 1, seconds=120)
    yield service
    processes.stop([process] if (process := processes.find(service)) else [])


def kept_by(keeper: Service) -> psutil.Process:
    (child,) = psutil.Process(keeper.pid).children()
    return child


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_what_is_killed_is_started_again(keeper: Service, tmp_path: Path) -> None:
    first = kept_by(keeper)
    first.kill()
    log = tmp_path / "keeper.log"
    assert processes.wait_until(lambda: log.read_text().count("kept\n") == 2, seconds=120)
    assert f"The worker ended with status {-signal.SIGKILL}" in log.read_text()
    assert kept_by(keeper) != first


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_keeper_however_that_ends(keeper: Service, how: signal.Signals) -> None:
    kept = kept_by(keeper)
    os.kill(keeper.pid, how)
    assert processes.wait_until(lambda: is_gone(kept), seconds=30)
    assert processes.wait_until(lambda: processes.find(keeper) is None, seconds=30)

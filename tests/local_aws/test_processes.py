"""Guarded children: what they see, and that nothing of them is left."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.processes import Child, base_environment
from tests.lab.processes import PATIENCE, alive, wait_until


def start(code: str, folder: Path, on_line: Callable[[str], None] = lambda _line: None) -> Child:
    return Child([sys.executable, "-u", "-c", code], cwd=folder, env=base_environment(), on_line=on_line)


def test_lines_and_exit_status_come_back(tmp_path: Path) -> None:
    lines: list[str] = []
    child = start("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path, lines.append)
    assert child.wait(PATIENCE) == 3
    assert sorted(lines) == ["err", "out"]
    assert not child.running


def test_a_command_that_is_not_there_says_so(tmp_path: Path) -> None:
    lines: list[str] = []
    child = Child(["no-such-command"], cwd=tmp_path, env=base_environment(), on_line=lines.append)
    assert child.wait(PATIENCE) == 127
    assert lines == ["cannot start no-such-command: No such file or directory"]


def test_terminate_lets_the_command_end_in_its_own_way(tmp_path: Path) -> None:
    lines: list[str] = []
    handler = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit(5))); print('ready'); time.sleep(60)"
    )
    child = start(handler, tmp_path, lines.append)
    wait_until(lambda: lines)
    child.terminate()
    assert child.wait(PATIENCE) == 5
    assert lines == ["ready", "saved"]


def test_an_ending_by_signal_reads_as_in_a_container(tmp_path: Path) -> None:
    child = start("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", tmp_path)
    assert child.wait(PATIENCE) == 137


@pytest.mark.parametrize("moment", range(8))
def test_a_terminate_at_any_moment_of_the_start_leaves_nothing(tmp_path: Path, moment: int) -> None:
    pids: list[str] = []
    child = start("import os, time; print(os.getpid()); time.sleep(60)", tmp_path, pids.append)
    time.sleep(moment * 0.02)
    child.terminate()
    assert child.wait(PATIENCE) == 143
    wait_until(lambda: not any(alive(int(pid)) for pid in pids))


FORKS = "import subprocess, sys, os, time; p = subprocess.Popen(['sleep', '60']); print(os.getpid()); print(p.pid); time.sleep(60)"


def test_kill_ends_the_whole_group(tmp_path: Path) -> None:
    pids: list[str] = []
    child = start(FORKS, tmp_path, pids.append)
    wait_until(lambda: len(pids) == 2)
    child.kill()
    wait_until(lambda: not any(alive(int(pid)) for pid in pids))


def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    pids: list[str] = []
    child = start("import subprocess; print(subprocess.Popen(['sleep', '60']).pid)", tmp_path, pids.append)
    assert child.wait(PATIENCE) == 0
    wait_until(lambda: not alive(int(pids[0])))


def test_sigkill_of_the_parent_leaves_no_child(tmp_path: Path) -> None:
    parent_code = f"""
import sys, time
from pathlib import Path
from local_aws.processes import Child, base_environment
command = [sys.executable, "-u", "-c", {FORKS!r}]
child = Child(command, cwd=Path("."), env=base_environment(), on_line=lambda line: print(line, flush=True))
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", parent_code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    assert all(alive(pid) for pid in pids)
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(alive(pid) for pid in pids))
    parent.stdout.close()


def test_a_child_sees_nothing_of_this_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    lines: list[str] = []
    start("import os; print(sorted(os.environ))", tmp_path, lines.append).wait(PATIENCE)
    seen = set(eval(lines[0]))  # a list of names that we printed ourselves
    assert seen <= {"LANG", "LC_CTYPE", "OMP_WAIT_POLICY", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    start("", tmp_path).wait(PATIENCE)
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        start("", tmp_path).wait(PATIENCE)
    assert len(list(Path("/dev/fd").iterdir())) <= before

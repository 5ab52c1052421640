"""The process: how it starts, refuses to start and ends."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.running_aws import end, running_aws, start_aws

pytestmark = pytest.mark.server


def start(state: Path, port: int = 0, *more: str) -> subprocess.CompletedProcess[str]:
    """A server that is expected to give up at once."""
    command = [sys.executable, "-m", "local_aws", "--port", str(port), "--state", str(state), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_serves_and_ends_with_status_zero() -> None:
    with running_aws() as aws:
        assert aws.control("GET", "health")["status"] == "ok"
        aws.process.send_signal(signal.SIGTERM)
        assert aws.process.wait(timeout=30) == 0


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = start(tmp_path / "state", port)
    assert ended.returncode == 2
    assert ended.stderr == f"local_aws cannot serve on 127.0.0.1:{port}: Address already in use. Choose another --port.\n"


def test_a_speed_that_is_none_is_refused(tmp_path: Path) -> None:
    ended = start(tmp_path / "state", 0, "--speed", "0.5")
    assert (ended.returncode, ended.stderr) == (2, "local_aws --speed must be a number from 1 to 600, got 0.5.\n")


def test_a_folder_with_files_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    ended = start(tmp_path)
    assert ended.returncode == 2
    assert "holds files that local_aws did not make" in ended.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_what_an_earlier_version_left_without_records_is_deleted(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "journal.jsonl").touch()
    (state / "s3").mkdir()
    (state / "s3" / "old").touch()
    aws = start_aws(state)
    try:
        assert not (state / "s3" / "old").exists()
        aws.process.send_signal(signal.SIGINT)
        assert aws.process.wait(timeout=30) == 0
    finally:
        end(aws.process)

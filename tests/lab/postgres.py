"""A Postgres of its own for a test: started by an unprivileged user on a free port, in a folder that is deleted."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lab.processes import wait_until

DEBIAN = Path("/usr/lib/postgresql")
NOBODY = "nobody"  # Postgres refuses to run as root


def postgres_folder() -> Path:
    """The folder of `postgres` and `initdb`; skips the test without them, but not in CI where a `postgres` is on the PATH."""
    on_path = shutil.which("postgres")
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *sorted(DEBIAN.glob("*/bin"))]
    for folder in reversed(folders):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    reason = (
        "Postgres is not installed: neither the PATH nor /usr/lib/postgresql has both postgres and initdb (Debian: apt install postgresql)"
    )
    if on_path and os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running_postgres() -> Iterator[str]:
    """URL of the database for Prefect."""
    programs, port = postgres_folder(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="pedigree-postgres-"))
    user: dict[str, Any] = {"user": NOBODY} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, NOBODY)
    options = ["--pgdata", str(folder / "data"), "--username", "prefect", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
    made = subprocess.run([str(programs / "initdb"), *options], cwd=folder, capture_output=True, text=True, check=False, **user)
    assert made.returncode == 0, made.stderr
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *settings]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **user)
    try:
        wait_until(lambda: accepts(port) or server.poll() is not None, "Postgres does not answer")
        assert server.poll() is None, (folder / "log").read_text()
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(timeout=60)
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

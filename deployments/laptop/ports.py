"""TCP ports that no two stacks of a user take at the same moment.

A server binds its port seconds after `make up` has chosen it. Until then, and for as long as the server runs, an open file with a lock says
that the port is taken.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deployments.laptop.stack import StackError


@dataclass(frozen=True)
class Port:
    """A port of 127.0.0.1 that is this process's; a child that inherits the file descriptor `lock` keeps it."""

    number: int
    lock: int


@contextmanager
def reserved_port(*preferred: int) -> Iterator[Port]:
    """The first of the preferred ports that is free, or any free port."""
    for number in (*preferred, *[0] * 100):
        if port := try_port(number):
            try:
                yield port
            finally:
                os.close(port.lock)
            return
    raise StackError("No TCP port is free on 127.0.0.1.")


def try_port(number: int) -> Port | None:
    """The port when it is free; 0 means any port."""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a connection in TIME_WAIT does not block the port
        probe.bind(("127.0.0.1", number))
        found = int(probe.getsockname()[1])
        lock = os.open(locks() / str(found), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return Port(found, lock)
    return None


def locks() -> Path:
    folder = Path(tempfile.gettempdir()) / f"pedigree-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder

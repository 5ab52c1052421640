"""Ports of this machine for servers of containers."""

import contextlib
import random
import socket

PORTS = range(20_000, 32_000)  # below the ports that systems give to outgoing connections, which could take a port that was found free


def free_port() -> int:
    """A port of loopback that nobody listens on; OSError when there is none."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise OSError(f"no free port for a server between {PORTS.start} and {PORTS.stop}: end processes that listen there")

"""The network over which images are fetched: name resolution, connections, TLS trust, and the addresses that are allowed."""

import ipaddress
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True)
class Network:
    """The functions that reach a network; tests give other ones.

    `resolve(host, port, seconds)` returns IP addresses, `connect(address, port, seconds)` a TCP connection; both raise OSError.
    """

    resolve: Callable[[str, int, float], list[str]]
    connect: Callable[[str, int, float], socket.socket]
    tls: ssl.SSLContext


@cache
def internet() -> Network:
    """The real network."""
    return Network(resolve, connect, ssl.create_default_context())


def is_public(address: str) -> bool:
    """Whether an address is on the public internet: not private, local, shared, multicast, reserved, mapped or tunnelled."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # such as a scoped fe80::1%eth0
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in GLOBAL_UNICAST and ip.is_global and ip.sixtofour is None
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolve(host: str, port: int, seconds: float) -> list[str]:
    executor = ThreadPoolExecutor(max_workers=1)  # getaddrinfo has no timeout
    try:
        found = executor.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(timeout=seconds)
    finally:
        executor.shutdown(wait=False)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)

"""The requests that a server on this machine does not take at all: those of web pages and of other machines.

A page of any site can send requests to 127.0.0.1, with an Origin. It can also give 127.0.0.1 a name of its own (DNS rebinding), which is
then the Host.
https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS#simple_requests
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """An HTTP status with a sentence that says why."""

    status: int
    reason: str


def refuse_host(host: str) -> Refusal | None:
    """A refusal unless `Host` names this machine: localhost, a name below it, or a loopback address."""
    name = host_name(host)
    if is_loopback(name):
        return None
    return Refusal(403, f"local_aws answers on 127.0.0.1 and localhost only, and the Host of this request is {host!r}.")


def refuse_origin(headers: Mapping[str, str]) -> Refusal | None:
    """A refusal for whatever a web page sends: no client of AWS sends an Origin."""
    if "origin" not in headers:
        return None
    return Refusal(403, f"local_aws takes no requests of web pages, and the Origin of this request is {headers['origin']!r}.")


def host_name(host: str) -> str:
    """The name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False

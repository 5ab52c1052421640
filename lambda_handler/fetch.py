"""Fetch an image from the web, and from nowhere else: https, public addresses, few redirects, a size limit and a time limit."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import quote, urljoin, urlsplit

from lambda_handler.deadline import Deadline
from lambda_handler.failure import Failure, bad_request, too_large
from lambda_handler.network import Network, is_public
from lambda_handler.timed import Connection

MAX_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
HEADERS = {"User-Agent": "pedigree (image classifier)", "Accept": "image/jpeg, image/png", "Accept-Encoding": "identity"}
CHUNK_BYTES = 65_536
URL_SAFE = "/%?=&;:@!$'()*+,~[]"


@dataclass(frozen=True)
class Location:
    """The parts of an https URL; `target` is the path with the query."""

    host: str
    port: int
    target: str


def fetch(url: str, *, limit: int, deadline: Deadline, network: Network) -> bytes:
    """Fetch the body of an https URL, at most `limit` bytes; Failure otherwise."""
    try:
        for _ in range(MAX_REDIRECTS + 1):
            with get(split(url), deadline, network) as response:
                if response.status not in REDIRECTS:
                    return read_body(response, limit)
                url = urljoin(url, response.headers.get("Location", ""))
    except TimeoutError:
        raise Failure(504, "SourceTimeout", "The address did not answer in time.") from None
    except ssl.SSLError:
        raise Failure(502, "SourceUntrusted", "The address has no valid certificate for its name.") from None
    except (OSError, HTTPException):
        raise Failure(502, "SourceUnavailable", "The address could not be read.") from None
    raise Failure(502, "TooManyRedirects", f"The address redirects more than {MAX_REDIRECTS} times.")


def split(url: str) -> Location:
    """Split an https URL into its parts; Failure 400 for anything else."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port or 443
    except ValueError:  # UnicodeError is a ValueError
        raise bad_request("The url is not valid.") from None
    if parts.scheme != "https" or not host:
        raise bad_request("Only https:// addresses are fetched.")
    return Location(host, port, quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=URL_SAFE))


@contextmanager
def get(location: Location, deadline: Deadline, network: Network) -> Iterator[HTTPResponse]:
    addresses = public_addresses(location, deadline, network)
    # The connection goes to the address that was checked, but the certificate must be valid for the host name.
    with (
        connect(addresses, location.port, deadline, network) as plain,
        network.tls.wrap_socket(plain, server_hostname=location.host, do_handshake_on_connect=False) as secure,
    ):
        secure.settimeout(deadline.left())
        secure.do_handshake()
        connection = Connection(location.host, location.port, secure, deadline)
        connection.request("GET", location.target, headers=HEADERS)
        yield connection.getresponse()


def public_addresses(location: Location, deadline: Deadline, network: Network) -> list[str]:
    """Resolve the host; Failure 403 unless every address is public, so that no later connection can reach a private one."""
    addresses = network.resolve(location.host, location.port, deadline.left())
    if not addresses or not all(is_public(address) for address in addresses):
        raise Failure(403, "AddressRefused", "The address is not on the public internet.")
    return addresses


def connect(addresses: list[str], port: int, deadline: Deadline, network: Network) -> socket.socket:
    """Connect to the first address that accepts; each address gets an equal share of the time that is left."""
    for position, address in enumerate(addresses):
        try:
            return network.connect(address, port, deadline.left() / (len(addresses) - position))
        except OSError:
            if position == len(addresses) - 1:
                raise
    raise AssertionError("there is always an address")


def read_body(response: HTTPResponse, limit: int) -> bytes:
    if response.status != 200:
        raise refused(response.status)
    if (response.length or 0) > limit:
        raise too_large(limit)
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES):
        body += chunk
        if len(body) > limit:
            raise too_large(limit)
    if response.length:
        raise IncompleteRead(b"")
    return bytes(body)


def refused(status: int) -> Failure:
    if status in (404, 410):
        return Failure(404, "ImageNotFound", f"The address answered {status}.")
    if status in (401, 403):
        return Failure(403, "ImageForbidden", f"The address answered {status}.")
    return Failure(502, "SourceUnavailable", f"The address answered {status}.")

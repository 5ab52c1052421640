"""A small web for the tests: an https server on loopback that a made-up name with a public address leads to."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lambda_handler.network import Network

HOST = "pictures.test"
PUBLIC = "93.184.215.14"
JPEG = b"\xff\xd8\xff\xe0 a picture"


@dataclass
class Web:
    """`names` is what its resolver knows, `connected` the addresses that were connected to, in order."""

    port: int
    certificate: bytes
    names: dict[str, list[str]] = field(default_factory=lambda: {HOST: [PUBLIC]})
    connected: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"https://{HOST}:{self.port}{path}"

    def network(self) -> Network:
        return Network(self._resolve, self._connect, ssl.create_default_context(cadata=self.certificate.decode()))

    def _resolve(self, host: str, port: int, seconds: float) -> list[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            if host not in self.names:
                raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
            return self.names[host]

    def _connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        PAGES.get(self.path.split("?")[0], missing)(self)

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **own}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Clients that do not trust us or hang up are what the tests are about."""


def missing(site: Site) -> None:
    site.send(404)


def trickle(site: Site) -> None:
    """Never ends, and never pauses for long."""
    site.send_response(200)
    site.end_headers()
    try:
        while True:
            site.wfile.write(b"x")
            time.sleep(0.02)
    except OSError:
        return


def endless(site: Site) -> None:
    """No length told, far more than anybody wants."""
    site.send_response(200)
    site.end_headers()
    try:
        for _ in range(1000):
            site.wfile.write(b"x" * 65_536)
    except OSError:
        return


PAGES: dict[str, Callable[[Site], None]] = {
    "/dog.jpg": lambda site: site.send(200, JPEG),
    "/echo": lambda site: site.send(200, f"{site.path} {site.headers['Host']}".encode()),
    "/big": lambda site: site.send(200, b"x" * 2000),
    "/cut": lambda site: site.send(200, JPEG, Content_Length="500"),
    "/endless": endless,
    "/trickle": trickle,
    "/forbidden": lambda site: site.send(403),
    "/broken": lambda site: site.send(500),
    "/moved": lambda site: site.send(302, Location="/dog.jpg"),
    "/loop": lambda site: site.send(302, Location="/loop"),
    "/to-http": lambda site: site.send(302, Location=f"http://{HOST}/dog.jpg"),
    "/to-metadata": lambda site: site.send(302, Location="https://169.254.169.254/latest/meta-data/"),
    "/nowhere": lambda site: site.send(302),
}


@contextmanager
def serve_web(folder: Path, certified_name: str = HOST) -> Iterator[Web]:
    certificate, key = self_signed(certified_name)
    (folder / "cert.pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem")
    server = Server(("127.0.0.1", 0), Site)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Web(server.server_port, certificate)
    finally:
        server.shutdown()
        server.server_close()


def self_signed(name: str) -> tuple[bytes, bytes]:
    """PEM of a certificate for a host name that is its own authority, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM), private

"""A small HTTP/1.1 server for WSGI applications: keep-alive, one thread for each connection, whole request bodies.

werkzeug's server closes every connection, and a new connection for each call costs more than most of the calls.
"""

import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, environ_key_for_header, should_preserve_original_header_name

from local_aws.http_request import RAW_HEADERS
from local_aws.strangers import Refusal, refuse_host, refuse_origin

MOST_BYTES = 1024**3  # of a body, which is kept in memory; AWS takes 5 GB in one PutObject, and clients send large objects in parts


class Malformed(Exception):
    """The body of a request cannot be read; `refusal` is the answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(status, reason)


class ConnectionDropped(ConnectionError):
    """An application raises this to close the connection without an answer."""


class Server(ThreadingHTTPServer):
    """A server for `application`; `port` 0 means any free port; OSError when the port is taken.

    Before a body is read, `refuse` may refuse a request by its headers (names in lower case), and so does a Host that is not this machine.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, most_bytes: int = MOST_BYTES) -> None:
        super().__init__((host, port), RequestHandler)
        self.application: WSGIApplication | None = None
        self.most_bytes = most_bytes
        self.refuse: Callable[[Mapping[str, str]], Refusal | None] = refuse_origin

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's version looks up the host name, which may take seconds
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class RequestHandler(BaseHTTPRequestHandler):
    """One connection: it handles requests one after the other until the client closes it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536  # so that a small answer is sent in one packet
    server: Server

    def do_any(self) -> None:
        assert self.server.application is not None
        answer = Answer()
        if refusal := self.refusal():
            return self.answer_refusal(refusal)
        try:
            body = self.server.application(self.environ(self.read_body()), answer.start)
            self.write(answer, body)
        except Malformed as malformed:
            self.answer_refusal(malformed.refusal)
        except ConnectionDropped:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_any  # noqa: N815 - the names http.server calls

    def refusal(self) -> Refusal | None:
        return refuse_host(self.headers.get("Host", "")) or self.server.refuse(self.raw_headers())

    def answer_refusal(self, refusal: Refusal) -> None:
        """Answer, and close the connection: its body was not read."""
        self.close_connection = True
        body = json.dumps({"message": refusal.reason}).encode()
        answer = Answer()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
        answer.start(f"{refusal.status} -", headers)
        self.write(answer, [body])

    def handle_expect_100(self) -> bool:
        if refusal := self.refusal():
            self.answer_refusal(refusal)
            return False
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def environ(self, body: bytes) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": self.server.server_name,
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        self.add_headers(environ)
        environ[RAW_HEADERS] = self.raw_headers()
        environ["CONTENT_LENGTH"] = str(len(body))
        return environ

    def add_headers(self, environ: dict[str, Any]) -> None:
        preserved: dict[str, str] = {}
        for name, value in self.headers.items():
            key = environ_key_for_header(name)
            if "_" in name:
                if not should_preserve_original_header_name(name):
                    continue
                preserved[key] = name
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved

    def raw_headers(self) -> dict[str, str]:
        """The headers as they were sent, under their names in lower case."""
        raw: dict[str, str] = {}
        for name, value in self.headers.items():
            raw[name.lower()] = f"{raw[name.lower()]},{value}" if name.lower() in raw else value
        return raw

    def read_body(self) -> bytes:
        """The whole body; Malformed when its length is missing, wrong or too large."""
        length, encoding = self.headers.get("Content-Length"), self.headers.get("Transfer-Encoding")
        if encoding is None:
            return self.read_exactly(self.checked(length or "0", 10))
        if length is not None or encoding.strip().lower() != "chunked":
            raise Malformed(400, "A body has a Content-Length, or the Transfer-Encoding 'chunked'.")
        return b"".join(self.read_chunks())

    def read_chunks(self) -> Iterable[bytes]:
        left = self.server.most_bytes
        while size := self.checked(self.rfile.readline(128).split(b";")[0].strip().decode("latin-1"), 16, left):
            left -= size
            yield self.read_exactly(size)
            self.rfile.readline(3)
        while self.rfile.readline(65536).strip():
            pass  # trailers

    def checked(self, text: str, base: int, most: int | None = None) -> int:
        """A length that a client declares."""
        try:
            length = int(text, base) if text.isalnum() else -1
        except ValueError:
            length = -1
        if length < 0:
            raise Malformed(400, f"The length of a body is a number, and this request says {text!r}.")
        if length > (self.server.most_bytes if most is None else most):
            raise Malformed(413, f"A body has at most {self.server.most_bytes:,} bytes here. Send a large object in parts.")
        return length

    def read_exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionDropped  # the client went away
        return body

    def write(self, answer: "Answer", body: Iterable[bytes]) -> None:
        status = int(answer.status.split(" ", 1)[0])
        self.send_response_only(status, HTTPStatus(status).phrase)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        self.end_headers()
        for chunk in body if self.command != "HEAD" else ():
            self.wfile.write(chunk)
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Write nothing: the journal is the log."""


class Answer:
    """Status and headers that an application gives to `start_response`; a Content-Length is required."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def start(self, status: str, headers: list[tuple[str, str]], _error: object = None, /) -> Any:
        self.status, self.headers = status, headers

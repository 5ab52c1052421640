"""The Lambda Runtime API of one execution environment: it hands out invocations and receives their results.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import socket
import threading
import time
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue


@dataclass(frozen=True)
class Invocation:
    """One event for a function; the `timeout` in seconds begins when the runtime takes the event."""

    request_id: str
    function_arn: str
    payload: bytes
    timeout: float
    client_context: str = ""


class Stage(Enum):
    READY = auto()  # the runtime has asked for its first event
    RESPONSE = auto()
    ERROR = auto()
    INIT_ERROR = auto()
    EXIT = auto()
    TIMEOUT = auto()


@dataclass(frozen=True)
class Report:
    """A report about the runtime: an answer, an error, or its exit with `status`."""

    stage: Stage
    payload: bytes = b""
    status: int = 0


class RuntimeApi:
    """A server on a separate loopback port, `address`, until `close`."""

    def __init__(self) -> None:
        self._reports: SimpleQueue[Report] = SimpleQueue()
        self._invocations: SimpleQueue[Invocation | None] = SimpleQueue()
        self._ready = self._closed = False
        self._server = Server(self)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def hand_out(self, invocation: Invocation) -> None:
        self._invocations.put(invocation)

    def report(self, report: Report) -> None:
        self._reports.put(report)

    def wait_for_report(self, seconds: float) -> Report:
        try:
            return self._reports.get(timeout=seconds)
        except Empty:
            return Report(Stage.TIMEOUT)

    def next(self) -> Invocation | None:
        """Wait for the next invocation; None when the environment ends."""
        if not self._ready:
            self._ready = True
            self.report(Report(Stage.READY))
        return self._invocations.get()

    def close(self) -> None:
        self._closed = True
        self._invocations.put(None)
        try:
            socket.create_connection(("127.0.0.1", self._server.server_port), timeout=1).close()  # wakes `accept`
        except OSError:
            return  # already closed

    def _serve(self) -> None:
        with self._server:
            while not self._closed:
                self._server.handle_request()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = api


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise every answer waits 40 ms for an acknowledgement
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Content-Type": "application/json",
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(202, b"{}", {})
        self.server.api.report(Report(self._stage(), payload))

    def _stage(self) -> Stage:
        if self.path.endswith("/init/error"):
            return Stage.INIT_ERROR
        return Stage.ERROR if self.path.endswith("/error") else Stage.RESPONSE

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

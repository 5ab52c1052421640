"""One instance of a variant: a model-server process with start, health check, requests, restart and stop."""

import contextlib
import http.client
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_aws.ports import free_port
from local_aws.processes import Child

PING_PAUSE, PING_TIMEOUT = 0.1, 2.0  # seconds; the timeout of a ping is two seconds on AWS too
RESTART_PAUSE = 1.0
STOP_GRACE = 5.0


@dataclass(frozen=True)
class Launch:
    """How to start a model server; `startup_timeout` in seconds."""

    command: Sequence[str]
    environment: Mapping[str, str]
    base: Path
    startup_timeout: float


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Instance:
    """An instance; `live` says whether it answers, and the variant that leases it counts `in_flight`."""

    def __init__(self, launch: Launch, log_of: Callable[[str], Callable[[str], None]]) -> None:
        self.id = f"i-{uuid.uuid4().hex[:17]}"
        self.live, self.in_flight = False, 0
        self._launch, self._log = launch, log_of(self.id)
        self._port = 0
        self._child: Child | None = None
        self._spawning = threading.Lock()  # so that a stop never misses a server that is starting
        self._idle: list[http.client.HTTPConnection] = []  # kept alive between requests
        self._stopping, self._first_start = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"instance {self.id}", daemon=True)
        self._thread.start()

    @property
    def base(self) -> Path:
        """The folder that is this instance's alone."""
        return self._launch.base

    def wait_started(self) -> bool:
        """Wait for the first health check; return whether the instance passed."""
        self._first_start.wait()
        return self.live

    def post(self, body: bytes, headers: Mapping[str, str], timeout: float) -> Reply:
        """POST /invocations; ConnectionRefusedError when the server never got the request, or TimeoutError, OSError or HTTPException."""
        closed: ConnectionError | None = None
        while self._idle:
            with contextlib.suppress(IndexError):  # another thread may take the last connection
                connection = self._idle.pop()
                try:
                    return self._post(connection, body, headers)
                except ConnectionError as error:  # the connection closed while it was idle, or because this request killed the server
                    closed = error
        try:
            return self._post(http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout), body, headers)
        except ConnectionRefusedError as refused:
            raise closed or refused from None

    def cpu_seconds(self) -> float:
        """CPU time that the server has used; a restart of the server sets it to 0."""
        child = self._child
        return child.cpu_seconds() if child and self.live else 0.0

    def stop(self) -> None:
        """End the server: SIGTERM, then SIGKILL after the grace period."""
        self._stopping.set()
        with self._spawning:
            child = self._child
        if child:
            child.terminate()
            self._thread.join(STOP_GRACE)
        self.kill()
        self._close_connections()

    def give_up(self) -> None:
        """End a server that does not listen any more, so that it is started again."""
        self.live = False
        if self._child:
            self._child.kill()

    def kill(self) -> None:
        self._stopping.set()
        with self._spawning:
            child = self._child
        if child:
            child.kill()

    def _post(self, connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]) -> Reply:
        try:
            connection.request("POST", "/invocations", body, dict(headers))
            response = connection.getresponse()
            reply = Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        if not response.will_close:
            self._idle.append(connection)
        return reply

    def _run(self) -> None:
        try:
            while (child := self._spawn()) and self._serve(child):
                self._stopping.wait(RESTART_PAUSE)
        finally:
            self._first_start.set()

    def _serve(self, child: Child) -> bool:
        """Watch the server until it ends; False when it never passed a health check, so that a restart is useless."""
        self.live = self._becomes_healthy(child)
        if not self.live:
            child.kill()
        worth_another = self.live or self._first_start.is_set()
        self._first_start.set()
        child.wait()
        self.live = False
        self._close_connections()
        return worth_another

    def _spawn(self) -> Child | None:
        with self._spawning:
            if self._stopping.is_set():
                return None
            self._child = self._start()
            return self._child

    def _start(self) -> Child:
        self._port = free_port()
        own = {"SAGEMAKER_BIND_TO_PORT": str(self._port), "PEDIGREE_BIND_HOST": "127.0.0.1", "SAGEMAKER_BASE_DIR": str(self._launch.base)}
        environment = {**self._launch.environment, **own, "HOME": str(self._launch.base)}
        return Child(self._launch.command, cwd=self._launch.base, env=environment, on_line=self._log)

    def _becomes_healthy(self, child: Child) -> bool:
        deadline = time.monotonic() + self._launch.startup_timeout
        while child.running and time.monotonic() < deadline and not self._stopping.is_set():
            if self._ping():
                return True
            self._stopping.wait(PING_PAUSE)
        return False

    def _ping(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PING_TIMEOUT)
        try:
            connection.request("GET", "/ping")
            response = connection.getresponse()
            response.read()  # a close without a read would reset the connection of the server
            return response.status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _close_connections(self) -> None:
        while self._idle:
            with contextlib.suppress(IndexError):
                self._idle.pop().close()

"""An HTTP connection with one deadline for all waits; the timeout of a socket alone starts again with each byte that arrives."""

import io
import ssl
from http.client import HTTPConnection
from typing import Any

from lambda_handler.deadline import Deadline


class Connection(HTTPConnection):
    """HTTP over an open TLS connection, which its owner closes."""

    default_port = 443

    def __init__(self, host: str, port: int, secure: ssl.SSLSocket, deadline: Deadline) -> None:
        super().__init__(host, port)
        self.sock = TimedStream(secure, deadline)


class TimedStream:
    """The part of the socket interface that http.client uses."""

    def __init__(self, secure: ssl.SSLSocket, deadline: Deadline) -> None:
        self._secure, self._deadline = secure, deadline

    def sendall(self, data: bytes) -> None:
        self._secure.settimeout(self._deadline.left())
        self._secure.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(TimedReader(self._secure, self._deadline))

    def close(self) -> None:
        pass


class TimedReader(io.RawIOBase):
    def __init__(self, secure: ssl.SSLSocket, deadline: Deadline) -> None:
        self._secure, self._deadline = secure, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._secure.settimeout(self._deadline.left())
        return self._secure.recv_into(buffer)

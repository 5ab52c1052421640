"""The calls of Prefect's REST API that `make up` and `make run` need; importing Prefect's client would take longer than the calls."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from deployments.laptop.stack import StackError

BUSY = 503  # the server answers this while its SQLite is locked; the request had no effect
BUSY_PAUSES = (0.5, 1, 2, 4)  # seconds
PATIENCE = 30  # seconds for one answer: under load the lock of SQLite was held for up to 60


class ApiError(Exception):
    """Prefect's API refused a request; `status` is the HTTP status, the text is Prefect's message."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True)
class PrefectApi:
    """A client of Prefect's API; `url` is its address, such as http://127.0.0.1:4200/api.

    A request without an answer is sent again: every request that creates something carries an idempotency key.
    """

    url: str

    def get(self, path: str) -> Any:
        return self._send(urllib.request.Request(self.url + path))  # noqa: S310  always our own http address

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        return self._send(urllib.request.Request(self.url + path, json.dumps(body).encode(), headers))  # noqa: S310

    def _send(self, request: urllib.request.Request) -> Any:
        for pause in BUSY_PAUSES:
            try:
                return self._send_once(request)
            except ApiError as error:
                if error.status != BUSY:
                    raise
            except Silence:
                pass
            time.sleep(pause)
        return self._send_once(request)

    def _send_once(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                return json.loads(response.read() or "null")
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, detail(error.read())) from error
        except OSError as error:
            silence = Silence if isinstance(error, TimeoutError) else StackError
            raise silence(f"The Prefect server does not answer at {request.full_url} ({error}). `make up` repairs the stack.") from error


class Silence(StackError):
    """The server accepted the request and did not answer in time."""


def detail(body: bytes) -> str:
    """The error message in an answer of the API."""
    text = body.decode(errors="replace")
    try:
        answer = json.loads(text)
    except ValueError:
        return text
    return str(answer.get("detail") or answer.get("exception_message") or text)

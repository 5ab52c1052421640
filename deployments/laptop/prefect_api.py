"""The calls of Prefect's REST API that `make up` and `make run` need; importing Prefect's client would take longer than the calls."""

import base64
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any

from deployments.laptop.auth_string import read_auth_string
from deployments.laptop.stack import Stack, StackError

BUSY = 503  # the server answers this while its SQLite is locked; the request had no effect
BUSY_PAUSES = (0.5, 1, 2, 4)  # seconds
PATIENCE = 30  # seconds for one answer: under load the lock of SQLite was held for up to 60
FORBIDDEN = 403


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
    auth_string: str = field(repr=False)
    csrf_headers: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, stack: Stack) -> "PrefectApi":
        return cls(stack.api_url, read_auth_string(stack.folder))

    @classmethod
    def of_environment(cls) -> "PrefectApi":
        """The server that Prefect's own client would ask."""
        return cls(os.environ["PREFECT_API_URL"], os.environ["PREFECT_API_AUTH_STRING"])

    def get(self, path: str) -> Any:
        return self._send("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._change("POST", path, body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._change("PATCH", path, body)

    def _change(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Send a change with the CSRF token that the server demands of each client; a token ends after an hour."""
        if not self.csrf_headers:
            self._renew_csrf_token()
        try:
            return self._send(method, path, body)
        except ApiError as error:
            if error.status != FORBIDDEN:
                raise
        self._renew_csrf_token()
        return self._send(method, path, body)

    def _renew_csrf_token(self) -> None:
        client = uuid.uuid4().hex
        token = self._send("GET", f"/csrf-token?client={client}")["token"]
        self.csrf_headers.update({"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": token})

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = self._request(method, path, body)
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

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> urllib.request.Request:
        headers = {"Authorization": f"Basic {base64.b64encode(self.auth_string.encode()).decode()}"}
        if body is None:
            return urllib.request.Request(self.url + path, headers=headers, method=method)  # noqa: S310  always our own http address
        headers |= self.csrf_headers | {"Content-Type": "application/json"}
        return urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method=method)  # noqa: S310

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

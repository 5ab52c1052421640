"""The small client of Prefect's API, against a server of a few lines."""

import base64
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from deployments.laptop import prefect_api
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.stack import StackError

TOKEN = "/csrf-token"


class Request(NamedTuple):
    method: str
    path: str
    authorization: str
    csrf_client: str | None
    csrf_token: str | None


class Answers(BaseHTTPRequestHandler):
    """Gives the statuses in `waiting`, one a request, then 200; 0 is no answer in time. Tokens of CSRF are always given."""

    waiting: list[int]
    requests: list[Request]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        headers = self.headers
        self.requests.append(
            Request(self.command, path, headers["Authorization"], headers["Prefect-Csrf-Client"], headers["Prefect-Csrf-Token"])
        )
        status = self.waiting.pop(0) if self.waiting and path != TOKEN else 200
        if status == 0:
            time.sleep(2)
            return
        body = b'{"detail": "no", "token": "token of ' + query.removeprefix("client=").encode() + b'"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PATCH(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectApi]:
    monkeypatch.setattr(prefect_api, "BUSY_PAUSES", (0, 0))
    monkeypatch.setattr(prefect_api, "PATIENCE", 1)
    Answers.waiting, Answers.requests = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield PrefectApi(f"http://127.0.0.1:{server.server_port}", "me:secret")
        server.shutdown()
        thread.join()


def test_a_busy_server_is_asked_again(api: PrefectApi) -> None:
    Answers.waiting = [503, 0]
    assert api.get("/x")["detail"] == "no"


def test_one_that_stays_silent_is_an_error_that_says_what_to_do(api: PrefectApi) -> None:
    Answers.waiting = [0, 0, 0]
    with pytest.raises(StackError, match=r"does not answer at .*timed out.*`make up` repairs"):
        api.get("/x")


@pytest.mark.parametrize("statuses", [[503, 503, 503], [422]])
def test_a_refusal_and_a_server_that_stays_busy_are_errors(api: PrefectApi, statuses: list[int]) -> None:
    Answers.waiting = list(statuses)
    with pytest.raises(ApiError, match="no") as refused:
        api.get("/x")
    assert refused.value.status == statuses[0]
    assert Answers.waiting == []


def test_every_request_carries_the_auth_string_and_every_change_a_token_of_this_client(api: PrefectApi) -> None:
    api.get("/x")
    api.post("/x", {})
    api.patch("/x", {})
    assert [(request.method, request.path) for request in Answers.requests] == [
        ("GET", "/x"),
        ("GET", TOKEN),
        ("POST", "/x"),
        ("PATCH", "/x"),
    ]
    assert {request.authorization for request in Answers.requests} == {f"Basic {base64.b64encode(b'me:secret').decode()}"}
    for change in Answers.requests[2:]:
        assert change.csrf_client
        assert change.csrf_token == f"token of {change.csrf_client}"


def test_a_token_that_has_ended_is_renewed_once(api: PrefectApi) -> None:
    api.post("/x", {})
    Answers.waiting = [403]
    api.post("/x", {})
    first, refused, again = (request.csrf_token for request in Answers.requests if request.method == "POST")
    assert first == refused != again
    Answers.waiting = [403, 403]
    with pytest.raises(ApiError):
        api.post("/x", {})


def test_the_auth_string_is_not_shown_with_the_client(api: PrefectApi) -> None:
    assert "secret" not in repr(api)

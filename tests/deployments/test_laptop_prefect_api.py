"""The small client of Prefect's API, against a server of three lines."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deployments.laptop import prefect_api
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.stack import StackError


class Answers(BaseHTTPRequestHandler):
    """Gives the statuses in `waiting`, one a request, then 200; 0 is no answer in time."""

    waiting: list[int]

    def do_GET(self) -> None:
        status = self.waiting.pop(0) if self.waiting else 200
        if status == 0:
            time.sleep(2)
            return
        body = b'{"detail": "no"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectApi]:
    monkeypatch.setattr(prefect_api, "BUSY_PAUSES", (0, 0))
    monkeypatch.setattr(prefect_api, "PATIENCE", 1)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield PrefectApi(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_a_busy_server_is_asked_again(api: PrefectApi) -> None:
    Answers.waiting = [503, 0]
    assert api.get("/x") == {"detail": "no"}


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

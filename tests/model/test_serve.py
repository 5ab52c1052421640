import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from model.artifact import read_card
from model.inference import Classifier
from model.serve import MAX_BODY, ModelServer
from tests.lab.processes import wait_until
from tests.model.conftest import Training
from tests.model.containers import encoded, start

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def port(training: Training, artifact: Path) -> Iterator[int]:
    """A server of the trained artifact, started from the code inside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    process = start(training.root, "model.serve", "model/code", SAGEMAKER_BIND_TO_PORT=str(number), PEDIGREE_BIND_HOST="127.0.0.1")
    try:
        wait_until(lambda: process.poll() is not None or listens(number), "the server never answered")
        assert process.poll() is None, process.communicate()
        yield number
        assert process.poll() is None, "the server died under its tests"
    finally:
        process.kill()
        process.communicate()


def test_ping_answers_once_the_model_is_loaded(port: int) -> None:
    assert ask(port, "GET", "/ping")[0] == 200


def test_golden_images_are_answered_as_they_were(port: int, artifact: Path) -> None:
    golden = json.loads((artifact / "golden/golden.json").read_text())
    tolerance = json.loads((artifact / "model.json").read_text())["golden_tolerance"]
    assert [entry["label"] for entry in golden] == ["blue", "green", "red"]
    for entry in golden:
        status, [logits] = invoke(port, (artifact / "golden" / entry["file"]).read_bytes(), JPEG)
        assert status == 200
        assert logits.index(max(logits)) == entry["logits"].index(max(entry["logits"]))
        assert logits == pytest.approx(entry["logits"], abs=tolerance)


def test_labels_are_those_of_the_model_that_answers(port: int) -> None:
    status, answers = invoke(port, encoded((220, 50, 40)), {**JPEG, "Accept": "application/json;labels"})
    assert status == 200
    assert sorted(answer["label"] for answer in answers) == ["blue", "green", "red"]


@pytest.mark.parametrize(
    ("content", "content_type", "status", "kind"),
    [
        (b"{}", "application/json", 415, "UnsupportedType"),
        (b"no picture", "image/jpeg", 422, "BadImage"),
        (b"", "image/jpeg", 422, "BadImage"),
        (encoded((1, 2, 3))[:400], "image/jpeg", 422, "BadImage"),
        (bytes(MAX_BODY + 1), "image/jpeg", 413, "TooLarge"),
    ],
    ids=["wrong type", "no picture", "nothing", "half a picture", "too large"],
)
def test_a_callers_mistake_gets_its_status_and_the_server_lives(
    port: int, content: bytes, content_type: str, status: int, kind: str
) -> None:
    answered, body = invoke(port, content, {"Content-Type": content_type})
    assert (answered, body["error"]["type"]) == (status, kind)
    assert body["error"]["message"]
    assert ask(port, "GET", "/ping")[0] == 200


def test_a_body_without_a_length_is_refused(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/invocations")
    for name, value in {**JPEG, "Transfer-Encoding": "chunked"}.items():
        connection.putheader(name, value)
    connection.endheaders()  # the answer comes before any of the body was sent
    assert connection.getresponse().status == 411


def test_a_fault_of_ours_is_a_500_that_tells_no_secret(artifact: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = Classifier(read_card(artifact), Broken(), torch.device("cpu"))
    with ModelServer(("127.0.0.1", 0), broken) as server:
        server.daemon_threads = False  # closing waits until the log is written
        threading.Thread(target=server.serve_forever, daemon=True).start()
        status, body = invoke(server.server_port, encoded((1, 2, 3)), JPEG)
        assert (status, body["error"]["type"]) == (500, "InternalError")
        assert "secret" not in json.dumps(body)
        assert ask(server.server_port, "GET", "/ping")[0] == 200
        server.shutdown()
    assert "RuntimeError: a secret" in capfd.readouterr().err


class Broken(nn.Module):
    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("a secret")


def test_other_routes_do_not_exist(port: int) -> None:
    assert [ask(port, "GET", "/")[0], ask(port, "POST", "/ping")[0]] == [404, 404]


def test_a_connection_serves_many_requests(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    statuses = [exchange(connection, "POST", "/invocations", encoded((1, 2, 3), seed=seed), JPEG)[0] for seed in range(3)]
    assert statuses == [200, 200, 200]


def invoke(port: int, content: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    return ask(port, "POST", "/invocations", content, headers)


def ask(port: int, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
    return exchange(http.client.HTTPConnection("127.0.0.1", port, timeout=60), method, path, content, headers)


def exchange(
    connection: http.client.HTTPConnection, method: str, path: str, content: bytes, headers: Mapping[str, str] | None
) -> tuple[int, Any]:
    connection.request(method, path, content, dict(headers or {}))
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

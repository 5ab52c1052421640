"""The deployments are registered when the server does not hold them, whatever the record of the stack says."""

from pathlib import Path
from typing import Any

import pytest

from deployments.laptop import registration
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.stack import ROOT, Service, Stack

DEPLOYMENTS = (ROOT / "prefect.yaml").read_text().count("\n  - name: ")


class Server:
    """Prefect's API of a server with so many deployments, with or without the block of the credentials."""

    def __init__(self, deployments: int, *, block: bool = True) -> None:
        self.deployments, self.block = deployments, block

    def get(self, _path: str) -> Any:
        if not self.block:
            raise ApiError(404, "there is no such block")
        return {}

    def post(self, _path: str, _body: dict[str, Any]) -> Any:
        return self.deployments


@pytest.mark.parametrize(
    ("server", "registered"),
    [
        (Server(DEPLOYMENTS), False),
        (Server(DEPLOYMENTS + 1), False),
        (Server(DEPLOYMENTS - 1), True),
        (Server(DEPLOYMENTS, block=False), True),
    ],
)
def test_a_server_that_lacks_something_gets_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, *, registered: bool
) -> None:
    stack = Stack(tmp_path, {"local_aws": Service(1, 0.0, 1), "server": Service(1, 0.0, 1)})
    stack.registered = registration.registered_digest(stack)
    stack.log("register").parent.mkdir()
    (tmp_path / "prefect-auth").write_text("secret")
    started: list[list[str]] = []
    monkeypatch.setattr(PrefectApi, "of", lambda _stack: server)

    def start(command: list[str], **_: Any) -> Done:
        started.append(command)
        return Done()

    monkeypatch.setattr("subprocess.Popen", start)
    with registration.registering(stack):
        assert started == []
    assert bool(started) is registered


class Done:
    """A process that has ended well."""

    def wait(self) -> int:
        return 0

    def kill(self) -> None:
        return

"""The deployments are registered when the server does not hold them, whatever the record of the stack says."""

from pathlib import Path
from typing import Any

import pytest

from deployments.laptop import registration
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.stack import ROOT, Service, Stack

YAML = (ROOT / "prefect.yaml").read_text()
LOCAL, AWS = (YAML.count(f"\n  - name: {name}\n") for name in ("local", "aws"))


class Server:
    """Prefect's API of a server with so many deployments of each name, and these credentials blocks."""

    def __init__(self, local: int, aws: int, *blocks: str) -> None:
        self.deployments, self.blocks = {"local": local, "aws": aws}, blocks

    def get(self, path: str) -> Any:
        if path.rpartition("/")[2] not in self.blocks:
            raise ApiError(404, "there is no such block")
        return {}

    def post(self, _path: str, body: dict[str, Any]) -> Any:
        (name,) = body["deployments"]["name"]["any_"]
        return self.deployments[name]


@pytest.mark.parametrize(
    ("server", "registered"),
    [
        (Server(LOCAL, 0, "pedigree"), False),
        (Server(LOCAL - 1, 0, "pedigree"), True),
        (Server(LOCAL, 0), True),
        (Server(LOCAL, 0, "pedigree", "pedigree-aws"), True),  # the block was saved since
        (Server(LOCAL, AWS, "pedigree", "pedigree-aws"), False),
        (Server(LOCAL, AWS, "pedigree"), True),  # the block is gone
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

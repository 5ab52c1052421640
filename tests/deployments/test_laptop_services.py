"""The records of a stack stay when its embedded AWS is started again, and go with its account."""

from pathlib import Path
from typing import Any

import pytest

from deployments.laptop import account, processes
from deployments.laptop.account import ADMIN, ensure_account
from deployments.laptop.services import ensure_local_aws
from deployments.laptop.stack import Service, Stack
from local_aws.memory.database import FILE


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack that was up once; its processes are started in name only."""
    monkeypatch.setattr(processes, "start", lambda *_, port, **_options: Service(1, 0.0, port))
    (tmp_path / "local_aws").mkdir()
    (tmp_path / "prefect" / "storage").mkdir(parents=True)
    return Stack(tmp_path, {}, {"BucketName": "bucket"}, "digest of the template")


def test_they_stay_as_long_as_the_account(stack: Stack) -> None:
    (stack.folder / "local_aws" / FILE).touch()
    ensure_local_aws(stack)
    assert (stack.outputs, stack.bootstrapped) == ({"BucketName": "bucket"}, "digest of the template")
    assert (stack.folder / "prefect" / "storage").exists()


def test_without_the_account_they_are_forgotten(stack: Stack) -> None:
    ensure_local_aws(stack)
    assert (stack.outputs, stack.bootstrapped) == ({}, "")
    assert not (stack.folder / "prefect" / "storage").exists()


class Administrator:
    """A session with the key that was made for it."""

    access_key, secret_key = "AKIA", "secret"

    def get_credentials(self) -> "Administrator":
        return self

    def client(self, *_: str, **__: str) -> None:
        return


def test_the_profiles_follow_the_embedded_aws_to_another_port(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed: list[str] = []

    def deploy(url: str, *_: Any) -> dict[str, str]:
        deployed.append(url)
        return {"OrchestratorRoleArn": "arn"}

    monkeypatch.setattr(account, "wait_for", lambda *_: None)
    monkeypatch.setattr(account, "make_administrator", lambda _stack: Administrator())
    monkeypatch.setattr(account, "make_student", lambda _iam: "arn")
    monkeypatch.setattr(account, "deploy", deploy)
    for port in (4566, 4566, 4567):
        stack.services["local_aws"] = Service(1, 0.0, port)
        ensure_account(stack)
    assert deployed == ["http://127.0.0.1:4566", "http://127.0.0.1:4567"], "once for each address"
    assert f"[profile {ADMIN}]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:4567\n" in (stack.folder / "aws" / "config").read_text()

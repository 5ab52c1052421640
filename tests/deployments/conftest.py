"""A person's AWS configuration for the commands that read it."""

from pathlib import Path

import pytest

from tests.deployments.person import Person
from tests.lab.running_aws import RunningAws


@pytest.fixture
def person(aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Person(aws, tmp_path / "config")

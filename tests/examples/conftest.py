"""A live account that an example reaches as its user does: through an AWS profile of the project's name."""

from pathlib import Path

import pytest

from pedigree.aws.clients import CONNECTIONS, kept_client
from tests.lab.live_account import LiveAccount


@pytest.fixture
def project(live: LiveAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of the project and of the profile; nothing is connected by hand."""
    name, keys = live.account.project, live.aws.assume(live.orchestrator)
    profile = {"region": live.account.region, "endpoint_url": live.aws.url, **{key.lower(): value for key, value in keys.items()}}
    config = tmp_path / "config"
    config.write_text("\n".join([f"[profile {name}]", *(f"{key} = {value}" for key, value in profile.items()), ""]))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delitem(CONNECTIONS, name)
    kept_client.cache_clear()
    return name

"""The tasks outside of any flow run, acting on a running local_aws."""

from collections.abc import Iterator

import pytest
from prefect.logging import disable_run_logger
from prefect_aws import AwsCredentials

from tests.running_aws import RunningAws
from tests.tasks.live_account import LiveAccount


@pytest.fixture
def live(faultless_aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveAccount]:
    """A fresh account; the credentials block that carries its project's name is its orchestrator role."""
    account = LiveAccount.deploy(faultless_aws)
    blocks = {account.account.project: account.credentials_block()}
    monkeypatch.setattr(AwsCredentials, "load", blocks.__getitem__)
    with disable_run_logger():
        yield account
    account.end()

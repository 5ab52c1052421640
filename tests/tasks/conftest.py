"""The tasks outside of any flow run, acting on a running local_aws."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import create_loader
from prefect.logging import disable_run_logger
from prefect_aws import AwsCredentials

from tests.running_aws import RunningAws
from tests.tasks.live_account import LiveAccount


@pytest.fixture
def live(faultless_aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveAccount]:
    """A fresh account; the credentials block that carries its project's name is its orchestrator role."""
    make_quick(monkeypatch)
    faultless_aws.control("POST", "pace", {"speed": 600})
    account = LiveAccount.deploy(faultless_aws)
    blocks = {account.account.project: account.credentials_block()}
    monkeypatch.setattr(AwsCredentials, "load", blocks.__getitem__)
    with disable_run_logger():
        yield account
    account.end()
    faultless_aws.control("DELETE", "pace")


def make_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read AWS's models once, not for each new client; retry at once; look often."""
    monkeypatch.setattr("botocore.session.create_loader", shared_loader)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setattr("tasks.aws.waiting.FIRST_DELAY", 0.05)


shared_loader = cache(create_loader)

"""Fixtures for every room."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import create_loader
from prefect.logging import disable_run_logger
from prefect.testing.utilities import prefect_test_harness
from prefect_aws import AwsCredentials

from tests.lab.live_account import LiveAccount
from tests.lab.running_aws import RunningAws, running_aws


@pytest.fixture(scope="session")
def aws() -> Iterator[RunningAws]:
    """One local_aws for the whole session; tests make resources of their own names in it."""
    with running_aws() as server:
        yield server


@pytest.fixture
def faultless_aws(aws: RunningAws) -> Iterator[RunningAws]:
    """The same server for tests that set faults: none is left behind."""
    aws.clear_faults()
    yield aws
    aws.clear_faults()


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server with an empty database, for tests that run tasks and flows as Prefect does; starting takes it a while."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def live(faultless_aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveAccount]:
    """A fresh account; the credentials that carry its project's name are its orchestrator role, for the library and as a Prefect block."""
    make_quick(monkeypatch)
    faultless_aws.control("POST", "pace", {"speed": 600})
    account = LiveAccount.deploy(faultless_aws)
    account.connect()
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
    monkeypatch.setattr("pedigree.aws.waiting.FIRST_DELAY", 0.05)


shared_loader = cache(create_loader)

"""Fixtures for every room, and the marker of each test: `quick`, `slow`, `server` or `e2e`.

A test gets its marker from the fixtures that it uses; one that starts a server or is slow by other means is marked where it is written.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import create_loader
from prefect.logging import disable_run_logger
from prefect.settings import PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings
from prefect_aws import AwsCredentials

from tests.lab.live_account import LiveAccount
from tests.lab.processes import share_cores
from tests.lab.running_aws import RunningAws, running_aws

MARKERS = {
    "e2e": {"laptop"},
    "server": {"aws", "prefect_server"},
    "slow": {"training", "container", "lesson", "tree"},
}  # and their fixtures


def pytest_configure() -> None:
    """Before a test module imports PyTorch."""
    share_cores()


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not any(map(item.get_closest_marker, MARKERS)):
            item.add_marker(marker(item))
    modules = list(dict.fromkeys(item.path for item in items))
    items.sort(key=lambda item: (modules.index(item.path), item.get_closest_marker("last") is not None))


def marker(item: pytest.Item) -> str:
    """The marker of the heaviest fixture that the test uses."""
    return next((name for name, fixtures in MARKERS.items() if not fixtures.isdisjoint(getattr(item, "fixturenames", ()))), "quick")


@pytest.fixture(scope="session", autouse=True)
def no_server_by_itself() -> Iterator[None]:
    """A test that needs a Prefect server must ask for it: Prefect would start one, with the database of the person who runs the tests."""
    with temporary_settings({PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}):
        yield


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
    from prefect.testing.utilities import prefect_test_harness  # seconds, for the tests that need it

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

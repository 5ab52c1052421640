"""Fixtures for every room."""

from collections.abc import Iterator

import pytest
from prefect.testing.utilities import prefect_test_harness

from tests.running_aws import RunningAws, running_aws


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

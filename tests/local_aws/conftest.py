"""Lambda functions for the tests of the embedded AWS."""

from collections.abc import Iterator

import pytest

from tests.local_aws.deployed import Deployed, Deployer
from tests.running_aws import RunningAws


@pytest.fixture
def deploy(aws: RunningAws) -> Iterator[Deployer]:
    """Makes functions from their source; they are deleted after the test, which ends their environments."""
    made: list[Deployed] = []

    def make(source: str | bytes, **settings: object) -> Deployed:
        made.append(Deployed.create(aws, source, **settings))
        return made[-1]

    yield make
    for function in made:
        function.delete()

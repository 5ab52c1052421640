"""Lambda functions and EC2 instances for the tests of the embedded AWS."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import create_loader

from tests.lab.ec2_instances import Ec2
from tests.lab.running_aws import RunningAws
from tests.local_aws.deployed import Deployed, Deployer


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


@pytest.fixture
def ec2(faultless_aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ec2]:
    """Launches instances, which end after the test; reading EC2's model takes longer than most tests, so it is done once."""
    monkeypatch.setattr("botocore.session.create_loader", shared_loader)
    machines = Ec2(faultless_aws)
    yield machines
    machines.end()


shared_loader = cache(create_loader)

"""An account of the embedded AWS for one benchmark; alarms, cooldowns and bake times run faster than on AWS."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.live_account import LiveAccount
from tests.lab.processes import share_cores
from tests.lab.running_aws import running_aws


@contextmanager
def fast_account(speed: float) -> Iterator[LiveAccount]:
    """An account in which the library acts as the orchestrator role, without a flow run."""
    share_cores()
    with running_aws() as aws:
        aws.control("POST", "pace", {"speed": speed})
        live = LiveAccount.deploy(aws)
        live.connect()
        yield live

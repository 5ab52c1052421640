"""An account of the embedded AWS for the time of a benchmark, with the waiting of alarms, cooldowns and bakes sped up."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from prefect.logging import disable_run_logger
from prefect_aws import AwsCredentials

from tests.lab.live_account import LiveAccount
from tests.lab.running_aws import running_aws


@contextmanager
def fast_account(speed: float) -> Iterator[LiveAccount]:
    """Tasks work in it outside of any flow run."""
    with running_aws() as aws:
        aws.control("POST", "pace", {"speed": speed})
        live = LiveAccount.deploy(aws)
        blocks = {live.account.project: live.credentials_block()}
        with disable_run_logger(), patch.object(AwsCredentials, "load", blocks.__getitem__):
            yield live

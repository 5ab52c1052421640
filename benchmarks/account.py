"""An account of the embedded AWS for one benchmark; alarms, cooldowns and bake times run faster than on AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from prefect.logging import disable_run_logger
from prefect_aws import AwsCredentials

from tests.lab.live_account import LiveAccount
from tests.lab.running_aws import running_aws


@contextmanager
def fast_account(speed: float) -> Iterator[LiveAccount]:
    """An account in which tasks run without a flow run."""
    with running_aws() as aws:
        aws.control("POST", "pace", {"speed": speed})
        live = LiveAccount.deploy(aws)
        blocks = {live.account.project: live.credentials_block()}
        with disable_run_logger(), patch.object(AwsCredentials, "load", blocks.__getitem__):
            yield live

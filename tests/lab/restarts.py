"""An embedded AWS that ends and starts again on its state, in the middle of a test."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.lab.processes import PATIENCE
from tests.lab.running_aws import RunningAws, end, start_aws


class LastingAws:
    """One account, whose server is started again by `restart`; `aws` is the server that runs now."""

    def __init__(self, state: Path) -> None:
        self.aws = start_aws(state)

    def restart(self, number: signal.Signals) -> RunningAws:
        """End the server by this signal, and start it again on its port; its administrator stays the same user with the same key."""
        admin, port = self.aws.admin, urlsplit(self.aws.url).port
        self.stop(number)
        self.aws = start_aws(self.aws.state, port or 0)
        vars(self.aws)["admin"] = admin
        return self.aws

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.aws.process.send_signal(number)
        self.aws.process.wait(timeout=PATIENCE)
        end(self.aws.process)


@contextmanager
def lasting_aws(folder: Path) -> Iterator[LastingAws]:
    account = LastingAws(folder / "state")
    try:
        yield account
    finally:
        end(account.aws.process)

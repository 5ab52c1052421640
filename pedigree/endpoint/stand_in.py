"""An endpoint of its own for a config, which nobody else asks: to rehearse on, or to measure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pedigree.aws.clients import client
from pedigree.aws.logs import endpoint_log, limit_logs
from pedigree.endpoint.rollout import Rollout
from pedigree.values import Account

EXPIRY = timedelta(hours=3)  # what a killed run leaves is deleted by the flow `reap`


@contextmanager
def stand_in(account: Account, config: str, name: str) -> Iterator[Rollout]:
    """Taken up where a killed run left it, and deleted in any case. `problems` of what it gives say whether it serves the config."""
    rollout = Rollout(client(account.credentials, "sagemaker"), account, name)
    limit_logs(account, endpoint_log(name))
    found = rollout.present()
    try:
        if found and found["EndpointConfigName"] != config:
            rollout.delete()
            found = None
        if found is None:
            rollout.create(config, expires_at=datetime.now(UTC) + EXPIRY)
        yield rollout
    finally:
        rollout.delete()

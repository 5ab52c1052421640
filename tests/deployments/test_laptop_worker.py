"""The worker of a laptop looks for runs and for cancellations again, however long its server was away."""

import asyncio
from types import ModuleType

import httpx
import pytest
from prefect._internal import observers
from prefect.utilities.services import critical_service_loop
from prefect.workers import base

from deployments.laptop.worker import outlive_servers


class Ended(BaseException):
    """The end of the test."""


@pytest.mark.parametrize("module", [base, observers])
def test_a_long_outage_ends_no_loop_of_the_worker(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (base, observers):
        monkeypatch.setattr(each, "critical_service_loop", critical_service_loop)  # as it was, after the test
    outlive_servers()
    looks = iter(range(1000))

    async def look() -> None:
        if next(looks) == 500:
            raise Ended
        raise httpx.ConnectError("refused")

    with pytest.raises(Ended):
        asyncio.run(module.critical_service_loop(look, interval=0, jitter_range=0.3, printer=lambda _: None))

"""One deployer per endpoint, in all flows: a global concurrency limit of Prefect with the endpoint's name."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.concurrency.asyncio import AcquireConcurrencySlotTimeoutError, ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists

from pedigree.aws.errors import TimedOut
from pedigree.aws.naming import endpoint_name
from pedigree.aws.resources.kind import Resource
from pedigree.planning.measure import measured_name
from pedigree.settings import Serving
from pedigree.teardown.find import endpoints_of
from pedigree.values import Account
from tasks.runs.others import others_running

PATIENCE = 3600.0  # seconds: a deploy with its rollback takes less
LEASE = 60.0  # seconds: the holder renews the lease, a dead holder loses it; this is Prefect's minimum


def endpoint_slot(account: Account, serving: Serving) -> AbstractContextManager[None]:
    """Hold the endpoint while the body runs; others wait up to PATIENCE. Raises TimedOut."""
    return hold(endpoint_name(account.project, serving))


def measuring_slot(account: Account, serving: Serving) -> AbstractContextManager[None]:
    """Hold the separate endpoint for a measurement: two runs at once would measure each other."""
    return hold(measured_name(account, serving))


@contextmanager
def deletion_slots(resources: Sequence[Resource]) -> Iterator[None]:
    """Hold every endpoint that loses something with these resources, while the body deletes them. Raises TimedOut.

    They are taken in the order of their names: two that take several cannot wait for each other.
    """
    with ExitStack() as held:
        for endpoint in endpoints_of(resources):
            held.enter_context(hold(endpoint))
        yield


@contextmanager
def hold(endpoint: str) -> Iterator[None]:
    """Hold the endpoint of this name; others wait up to PATIENCE. Raises TimedOut.

    A run must not hold the same endpoint twice: it would wait for its own end.
    """
    name = f"pedigree-endpoint-{endpoint}"
    create_limit(name)
    with ExitStack() as held:
        try:
            held.enter_context(slot(name, max_retries=0))
        except ConcurrencySlotAcquisitionError:
            get_run_logger().info(f"Endpoint {endpoint} is in the hands of {holders()}. Waiting for it, {PATIENCE / 60:.0f} min at most")
            wait_for_slot(held, name, endpoint)
        yield


def create_limit(name: str) -> None:
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):  # another run has made it since this one looked
        client.upsert_global_concurrency_limit_by_name(name, limit=1)


def slot(name: str, *, max_retries: int | None = None) -> AbstractContextManager[None]:
    return concurrency(
        name,
        timeout_seconds=PATIENCE,
        max_retries=max_retries,
        lease_duration=LEASE,
        strict=True,
        raise_on_lease_renewal_failure=False,  # a short outage of the server must not stop a deployment half-way
    )


def wait_for_slot(held: ExitStack, name: str, endpoint: str) -> None:
    try:
        held.enter_context(slot(name))
    except AcquireConcurrencySlotTimeoutError as error:
        raise TimedOut(
            "endpoint slot",
            f"endpoint {endpoint}",
            f"{holders()} did not release it within {PATIENCE / 60:.0f} min",
            f"look at that run; if it is dead, release the concurrency limit {name} in the Prefect UI. Then run again",
        ) from error


def holders() -> str:
    """The names of the runs that may hold the slot: Prefect does not say which; after a crash there may be none for a while."""
    begun = sorted(run.name for run in others_running() if run.state_name != "Pending")
    return " or ".join(begun) or "a run that is dead"

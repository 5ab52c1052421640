"""One deployer per endpoint, whatever flow it runs in: a global concurrency limit of Prefect that carries the endpoint's name."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.asyncio import AcquireConcurrencySlotTimeoutError, ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists

from pedigree.aws.errors import TimedOut
from pedigree.aws.naming import endpoint_name
from pedigree.planning.measure import measured_name
from pedigree.settings import Serving
from pedigree.values import Account
from tasks.runs.others import others_running

PATIENCE = 3600.0  # seconds: a deploy with its rollback takes less
LEASE = 60.0  # seconds: the holder renews it, a dead one loses it; Prefect takes no less


def endpoint_slot(account: Account, serving: Serving) -> AbstractContextManager[None]:
    """Hold the endpoint while the body runs; others wait up to PATIENCE. Raises TimedOut."""
    return hold(endpoint_name(account.project, serving))


def measuring_slot(account: Account, serving: Serving) -> AbstractContextManager[None]:
    """Hold the endpoint of its own on which a model is measured: two runs at once would measure each other."""
    return hold(measured_name(account, serving))


@contextmanager
def hold(endpoint: str) -> Iterator[None]:
    """Hold the endpoint of this name; others wait up to PATIENCE. Raises TimedOut.

    Needed once at a time in a run, and not within itself: it would wait for its own end.
    """
    name = f"pedigree-endpoint-{endpoint}"
    create_limit(name)
    with ExitStack() as held:
        try:
            held.enter_context(slot(name, max_retries=0))
        except ConcurrencySlotAcquisitionError:
            get_run_logger().info(f"Endpoint {endpoint} is being deployed by {holders()}. Waiting for it, {PATIENCE / 60:.0f} min at most")
            wait_for_slot(held, name, endpoint)
        yield


def create_limit(name: str) -> None:
    with get_client(sync_client=True) as client:
        try:
            client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
        except ObjectAlreadyExists:
            return


def slot(name: str, *, max_retries: int | None = None) -> AbstractContextManager[None]:
    return concurrency(
        name,
        timeout_seconds=PATIENCE,
        max_retries=max_retries,
        lease_duration=LEASE,
        strict=True,
        raise_on_lease_renewal_failure=False,  # a server that is away for a moment must not end a deploy half-way
    )


def wait_for_slot(held: ExitStack, name: str, endpoint: str) -> None:
    try:
        held.enter_context(slot(name))
    except AcquireConcurrencySlotTimeoutError as error:
        raise TimedOut(
            "endpoint slot",
            f"endpoint {endpoint}",
            f"{holders()} did not finish with it within {PATIENCE / 60:.0f} min",
            f"look at that run; where none runs, free the concurrency limit {name} in the Prefect UI. Then run again",
        ) from error


def holders() -> str:
    """The runs one of which must hold the slot; Prefect does not say which. None is left for a while after a crash."""
    begun = sorted(run.name for run in others_running() if run.state_name != "Pending")
    return " or ".join(begun) or "a run that is dead"

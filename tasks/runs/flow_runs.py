"""The flow runs behind resources, from Prefect: the dead runs, and whether a run that may adopt their jobs still lives."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from tasks.runs.tags import ADOPTING, RESUMABLE

UNFINISHED = [kind.value for kind in StateType if kind.name not in ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")]
GRACE = timedelta(minutes=15)  # time in which a crashed run is resumed and a due run begins
PAGE = 200  # Prefect's limit for one answer


def dead_runs(ids: Collection[str]) -> set[str]:
    """The flow runs that ended longer ago than GRACE, or that Prefect does not know."""
    with get_client(sync_client=True) as client:
        known = [run for page in pages(sorted(ids)) for run in read_runs(client, {"id": {"any_": page}})]
    return set(ids) - {str(run.id) for run in known if not has_ended(run)}


def adopting_run_lives() -> bool:
    """Whether a run that may have adopted the job of another run is in progress, due, or about to be resumed."""
    wanted = {"tags": {"any_": [RESUMABLE, ADOPTING]}, "state": {"type": {"any_": UNFINISHED}}}
    with get_client(sync_client=True) as client:
        return any(map(is_under_way, read_runs(client, wanted)))


def is_under_way(run: FlowRun) -> bool:
    """Whether the run has begun or is due; the later runs of a schedule have adopted no job yet."""
    due = run.expected_start_time is not None and run.expected_start_time <= datetime.now(UTC) + GRACE
    return run.state_type is not StateType.SCHEDULED or run.run_count > 0 or due


def has_ended(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_final() and run.state.timestamp < datetime.now(UTC) - GRACE


def read_runs(client: SyncPrefectClient, wanted: dict[str, object]) -> list[FlowRun]:
    """Read the wanted flow runs, the earliest expected start first."""
    return client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(wanted), sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=PAGE)


def pages(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]

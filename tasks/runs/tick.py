"""The ticks of a schedule: how far they are apart, and those that were missed.

After an outage all missed ticks start, and one run does the work of all of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import SCHEDULE_TYPES
from prefect.context import FlowRunContext
from prefect.server.schemas import schedules
from prefect.utilities.asyncutils import run_coro_as_sync

TICKS = 200  # enough to see a weekend between the hours of a week
SKIPPED = "Skipped"  # the name of the state in which a superseded run ends


def superseded_tick() -> str | None:
    """The reason why this scheduled run has nothing to do: another tick of its deployment began after this one was due, and completed.

    None for every other run, also for a run that a person started and for a run that is resumed after a crash.
    """
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    run = context.flow_run
    if not run.auto_scheduled or run.run_count > 1:
        return None
    for other in completed_since(run):
        if other.auto_scheduled and other.state_name != SKIPPED:
            return f"Missed tick: {other.name} began after {run.expected_start_time:%Y-%m-%d %H:%M} UTC and has done its work"
    return None


def completed_since(tick: FlowRun) -> list[FlowRun]:
    """Completed runs of the tick's deployment that began after it was due."""
    wanted = {
        "deployment_id": {"any_": [tick.deployment_id]},
        "state": {"type": {"any_": ["COMPLETED"]}},
        "start_time": {"after_": tick.expected_start_time},
    }
    with get_client(sync_client=True) as client:
        return list(client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(wanted)))


def hours_between_ticks() -> float | None:
    """The longest time between two ticks of this run's deployment; None without a deployment or an active schedule."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        return None
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment(context.flow_run.deployment_id)
    return longest_gap([each.schedule for each in deployment.schedules if each.active], datetime.now(UTC))


def longest_gap(active: Sequence[SCHEDULE_TYPES], now: datetime) -> float | None:
    """The longest time in hours between two of the next ticks of the schedules together; None without one."""
    ticks = sorted(moment for each in active for moment in ticks_of(each, now))
    gaps = [(later - earlier).total_seconds() / 3600 for earlier, later in pairwise(ticks[:TICKS])]
    return max(gaps, default=None)


def ticks_of(schedule: SCHEDULE_TYPES, now: datetime) -> Sequence[datetime]:
    """The next ticks, as the server computes them."""
    kind = getattr(schedules, type(schedule).__name__)
    dates: Sequence[datetime] = run_coro_as_sync(kind.model_validate(schedule.model_dump()).get_dates(n=TICKS, start=now))
    return dates

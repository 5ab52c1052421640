"""The missed ticks of a schedule: after an outage they all start, and one run does the work of all of them."""

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

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

"""What dead runs left: jobs that nobody waits for any more, and whatever has outlived its expiry."""

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect import get_run_logger, task

from tasks.aws.naming import NO_FLOW_RUN
from tasks.flow_runs import dead_runs, resumable_run_lives
from tasks.kinds.kind import Resource
from tasks.teardown.delete import in_progress


@task(name="find abandoned jobs", retries=3, retry_delay_seconds=5)
def abandoned_jobs(resources: Sequence[Resource]) -> list[Resource]:
    """The jobs in progress whose flow run is dead, unless a run is under way that may have adopted them.

    What was made outside of any flow run is its maker's to stop.
    """
    jobs = [job for job in in_progress(resources) if job.flow_run_id not in (None, NO_FLOW_RUN)]
    dead = dead_runs({str(job.flow_run_id) for job in jobs}) if jobs else set()
    left = [job for job in jobs if job.flow_run_id in dead]
    if left and resumable_run_lives():
        get_run_logger().info(f"Left alone, a run under way may have adopted them: {', '.join(job.name for job in left)}")
        return []
    return left


def expired(resources: Sequence[Resource]) -> list[Resource]:
    now = datetime.now(UTC)
    return [resource for resource in resources if resource.expires_at is not None and resource.expires_at < now]

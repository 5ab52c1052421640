"""The resources that dead runs left behind."""

from collections.abc import Sequence

from prefect import get_run_logger, task

from pedigree.aws.resources.kind import Resource
from pedigree.teardown import find
from pedigree.teardown.delete import in_progress
from pedigree.values import NO_FLOW_RUN
from tasks.runs.flow_runs import adopting_run_lives, dead_runs
from tasks.runs.options import PLAIN_TASK


@task(name="find expired", **PLAIN_TASK)
def find_expired(resources: Sequence[Resource]) -> list[Resource]:
    """Find the resources whose tag `pedigree:expires-at` is in the past."""
    return find.expired(resources)


@task(name="find abandoned jobs", retries=3, retry_delay_seconds=5, **PLAIN_TASK)
def find_abandoned_jobs(resources: Sequence[Resource]) -> list[Resource]:
    """Find the jobs in progress whose flow run is dead, unless a run in progress may have adopted them.

    Whoever started a job outside of a flow run must stop it.
    """
    jobs = [job for job in in_progress(resources) if job.flow_run_id not in (None, NO_FLOW_RUN)]
    dead = dead_runs({str(job.flow_run_id) for job in jobs}) if jobs else set()
    left = [job for job in jobs if job.flow_run_id in dead]
    if left and adopting_run_lives():
        get_run_logger().info(f"These jobs stay, because a run in progress may have adopted them: {', '.join(job.name for job in left)}")
        return []
    return left

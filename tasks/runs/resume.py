"""A run that may be begun again: it carries its tag, and is not resumed for ever."""

from prefect.runtime import flow_run

from pedigree.aws.errors import OutOfAttempts
from tasks.runs.tags import ADOPTING, OURS, carry

MAX_RUNS = 3


def begin_resumable_run() -> None:
    """Tag the run as one that adopts what others started. Raises OutOfAttempts, which nothing resumes, once it has begun MAX_RUNS times."""
    carry(OURS)
    carry(ADOPTING)
    if flow_run.run_count > MAX_RUNS:
        raise OutOfAttempts(
            "resume",
            f"flow run {flow_run.name}",
            f"it has begun {MAX_RUNS} times already and its process never reached the end; the state history and the worker's log tell why",
            "mend that, then start a new run: it adopts whatever this one has made",
        )

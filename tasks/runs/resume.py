"""The start of a resumable run: its tag, and the limit of its restarts."""

from prefect.runtime import flow_run

from pedigree.aws.errors import OutOfAttempts
from tasks.runs.tags import ADOPTING, OURS, carry

MAX_RUNS = 3


def begin_resumable_run() -> None:
    """Tag the run as adopting; raise OutOfAttempts, which is never resumed, when it has begun MAX_RUNS times already."""
    carry(OURS)
    carry(ADOPTING)
    if flow_run.run_count > MAX_RUNS:
        raise OutOfAttempts(
            "resume",
            f"flow run {flow_run.name}",
            f"it has begun {MAX_RUNS} times and its process never reached the end; the state history and the worker's log show the reason",
            "repair the cause, then start a new run: it adopts everything that this run created",
        )

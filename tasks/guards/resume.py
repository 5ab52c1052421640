"""A run that lost its process begins again, but not for ever: what kills it each time would kill it again."""

from prefect.runtime import flow_run

from tasks.aws.errors import OutOfAttempts

MAX_RUNS = 3


def refuse_endless_resume() -> None:
    """Let a flow run begin again after a crash until it has begun MAX_RUNS times. Raises OutOfAttempts, which nothing resumes."""
    if flow_run.run_count > MAX_RUNS:
        raise OutOfAttempts(
            "resume",
            f"flow run {flow_run.name}",
            f"it has begun {MAX_RUNS} times already and its process never reached the end; the state history and the worker's log tell why",
            "mend that, then start a new run: it adopts whatever this one has made",
        )

"""The hook that stops the jobs of a cancelled flow run."""

from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from pedigree.training.stop import stop_training_jobs
from tasks.account import find_account
from tasks.runs.others import environment_of


def stop_what_was_started(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The hook for `@flow(on_cancellation=[...])`; Prefect calls it in the worker after the run's own process is dead."""
    # the credentials are loaded again: a worker may live longer than the keys in their block
    stopped = stop_training_jobs(find_account.fn(environment_of(flow_run)), str(flow_run.id))
    logger = flow_run_logger(flow_run, flow)
    logger.info(f"{state.name}: stopped {', '.join(stopped)}" if stopped else f"{state.name}: this run has no job in progress")

"""Cancelling a flow run stops the jobs that it started: they would bill on, and what they make would be nobody's wish any more."""

from typing import Any

from botocore import xform_name
from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from tasks.aws.account import find_account
from tasks.aws.clients import client
from tasks.aws.naming import FLOW_RUN_TAG, PROJECT_TAG
from tasks.kinds.kind import may_be_ours
from tasks.kinds.sagemaker import stop_job, tags_of
from tasks.kinds.table import TRAINING_JOB, TRANSFORM_JOB
from tasks.settings import Environment
from tasks.training.ec2.stop import stop_trainings_of
from tasks.values import Account


def stop_what_was_started(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """For `@flow(on_cancellation=[...])`: Prefect calls it in the worker, once the run's own process is dead."""
    client.cache_clear()  # a worker may live longer than the keys in the credentials block
    environment = Environment.model_validate(flow_run.parameters.get("environment") or {})
    stopped = stop_training_jobs(find_account.fn(environment), str(flow_run.id))
    logger = flow_run_logger(flow_run, flow)
    logger.info(f"{state.name}: stopped {', '.join(stopped)}" if stopped else f"{state.name}: no job of this run is in progress")


def stop_training_jobs(account: Account, flow_run_id: str) -> list[str]:
    """Names of the jobs in progress, of training, evaluation and scoring alike and those on EC2, that this run started, all told to stop.

    A job is of the run that its tags name. Whoever only attached to it leaves it running: another run may still wait for it, and what it
    makes is adopted by the next that wants the same.
    """
    sagemaker = client(account.credentials, "sagemaker")
    of_run = {PROJECT_TAG: account.project, FLOW_RUN_TAG: flow_run_id}
    jobs = [
        job[f"{noun}Name"]
        for noun in (TRAINING_JOB.noun, TRANSFORM_JOB.noun)
        for job in jobs_in_progress(sagemaker, account, noun)
        if of_run.items() <= tags_of(sagemaker, job[f"{noun}Arn"]).items() and stop_job(sagemaker, job[f"{noun}Name"], noun)
    ]
    return [*jobs, *stop_trainings_of(account, flow_run_id)]


def jobs_in_progress(sagemaker: Any, account: Account, noun: str) -> list[dict[str, Any]]:
    """All of them, before the first is stopped: stopping one would move the others between the pages of the list."""
    pages = sagemaker.get_paginator(xform_name(f"List{noun}s")).paginate(NameContains=account.project, StatusEquals="InProgress")
    # a name that merely contains the project is somebody else's, whose tags we may not read
    return [job for job in pages.result_key_iters()[0] if may_be_ours(account, job[f"{noun}Name"])]

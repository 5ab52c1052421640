"""Cancelling a flow run stops the jobs that it started: they would bill on, and what they make would be nobody's wish any more."""

from typing import Any

from botocore import xform_name

from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.naming import FLOW_RUN_TAG, PROJECT_TAG
from pedigree.aws.resources.kind import may_be_ours
from pedigree.aws.resources.sagemaker import stop_job, tags_of
from pedigree.aws.resources.table import TRAINING_JOB, TRANSFORM_JOB
from pedigree.training.ec2.stop import stop_trainings_of
from pedigree.values import Account


def stop_training_jobs(account: Account, flow_run_id: str) -> list[str]:
    """Stop the jobs in progress that this run started (training, evaluation, scoring, EC2) and return their names.

    The tags of a job name the run that started it. A run that only adopted a job leaves it running, because another run may wait for it.
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


def jobs_in_progress(sagemaker: SageMakerClient, account: Account, noun: str) -> list[dict[str, Any]]:
    """All of them, before the first is stopped: stopping one would move the others between the pages of the list."""
    paginator: Any = sagemaker.get_paginator  # its stub takes literals, and the noun is a variable
    pages = paginator(xform_name(f"List{noun}s")).paginate(NameContains=account.project, StatusEquals="InProgress")
    # a name that merely contains the project is somebody else's, whose tags we may not read
    return [job for job in pages.result_key_iters()[0] if may_be_ours(account, job[f"{noun}Name"])]

"""Stop and delete one resource; both may be repeated, and a missing resource is no error."""

import logging
from collections.abc import Sequence

from pedigree.aws.clients import client
from pedigree.aws.resources.kind import Resource
from pedigree.aws.resources.sagemaker import stop_job
from pedigree.aws.resources.table import BY_TITLE, TRAINING_INSTANCE, TRAINING_JOB, TRANSFORM_JOB
from pedigree.training.ec2.stop import stop_training
from pedigree.values import Account

LOG = logging.getLogger(__name__)
JOBS = {kind.title: kind.noun for kind in (TRAINING_JOB, TRANSFORM_JOB)}
IN_PROGRESS = {*((title, "InProgress") for title in JOBS), (TRAINING_INSTANCE.title, "pending"), (TRAINING_INSTANCE.title, "running")}


def stop_resource(account: Account, job: Resource) -> None:
    """Ask the job to stop, without a wait; for a training on EC2, terminate its instance."""
    if job.kind == TRAINING_INSTANCE.title:
        stop_training(account, job.of, job.name)
        LOG.info(f"Stopping training {job.of} on {job.name}")
    elif stop_job(client(account.credentials, "sagemaker"), job.name, JOBS[job.kind]):
        LOG.info(f"Stopping {job.kind} {job.name}")


def delete_resource(account: Account, resource: Resource) -> None:
    """Delete the resource, and return when it is gone."""
    BY_TITLE[resource.kind].delete(account, resource.name)
    LOG.info(f"Deleted {resource.kind} {resource.name}")


def in_progress(resources: Sequence[Resource]) -> list[Resource]:
    """The jobs and training instances among the resources that AWS bills now."""
    return [resource for resource in resources if (resource.kind, resource.status) in IN_PROGRESS]

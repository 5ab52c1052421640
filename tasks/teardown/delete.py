"""The tasks that delete: each may be run again, what is gone is fine."""

from collections.abc import Sequence

from prefect import get_run_logger, task

from tasks.aws.clients import client
from tasks.aws.tasking import AWS_TASK
from tasks.kinds.kind import Resource
from tasks.kinds.sagemaker import stop_job
from tasks.kinds.table import BY_TITLE, TRAINING_INSTANCE, TRAINING_JOB, TRANSFORM_JOB
from tasks.training.ec2.stop import stop_training
from tasks.values import Account

JOBS = {kind.title: kind.noun for kind in (TRAINING_JOB, TRANSFORM_JOB)}
IN_PROGRESS = {*((title, "InProgress") for title in JOBS), (TRAINING_INSTANCE.title, "pending"), (TRAINING_INSTANCE.title, "running")}


@task(name="stop resource", task_run_name="stop {job.name}", **AWS_TASK)
def stop_resource(account: Account, job: Resource) -> None:
    """Ask it to stop, without waiting until it has; of a training on EC2 the instance goes."""
    if job.kind == TRAINING_INSTANCE.title:
        stop_training(account, job.of, job.name)
        get_run_logger().info(f"Stopping training {job.of} on {job.name}")
    elif stop_job(client(account.credentials, "sagemaker"), job.name, JOBS[job.kind]):
        get_run_logger().info(f"Stopping {job.kind} {job.name}")


@task(name="delete resource", task_run_name="delete {resource.kind} {resource.name}", **AWS_TASK)
def delete_resource(account: Account, resource: Resource) -> None:
    """Returns when it is gone."""
    BY_TITLE[resource.kind].delete(account, resource.name)
    get_run_logger().info(f"Deleted {resource.kind} {resource.name}")


def in_progress(resources: Sequence[Resource]) -> list[Resource]:
    """The jobs and training instances among them that bill at this moment."""
    return [resource for resource in resources if (resource.kind, resource.status) in IN_PROGRESS]

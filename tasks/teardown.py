"""The tasks that find, show, stop and delete the resources of runs."""

from collections.abc import Collection, Sequence
from typing import Literal

from prefect import task

from pedigree.aws.errors import InvalidInput
from pedigree.aws.resources.kind import Layer, Resource
from pedigree.teardown import delete, find, show
from pedigree.values import Account
from tasks.runs.artifacts import show_table
from tasks.runs.options import AWS_TASK

Scope = Literal["everything", "serving"]


def layers_of(scope: Scope, *, data: bool) -> set[Layer]:
    """The layers of a scope; InvalidInput when models would stay without their files."""
    if scope == "everything":
        return {"serving", "model", "data"} if data else {"serving", "model"}
    if data:
        raise InvalidInput("teardown", "data", "the models that stay need their files in the bucket", "choose data with everything only")
    return {"serving"}


@task(name="find resources", **AWS_TASK)
def find_resources(account: Account, layers: Collection[Layer], flow_run_id: str | None = None) -> list[Resource]:
    """Find the project's resources in these layers, in the order of deletion; `flow_run_id` limits them to one flow run."""
    return find.find_resources(account, layers, flow_run_id)


@task(name="show resources", **AWS_TASK)
def show_resources(account: Account, resources: Sequence[Resource], artifact: str) -> str:
    """Show the resources as the artifact `<project>-<artifact>`; return a sentence with their number and monthly cost."""
    shown = show.show_resources(account, resources)
    show_table(f"{account.project}-{artifact}", shown.rows, f"{shown.summary}; prices: {shown.prices_of}")
    return shown.summary


def stop_jobs(account: Account, resources: Sequence[Resource]) -> str:
    """Stop the jobs and training instances among the resources, without a wait; return their number in words, empty for none."""
    jobs = delete.in_progress(resources)
    for job in jobs:
        stop_resource(account, job)
    return f"stopped {show.count(jobs)}" if jobs else ""


def delete_resources(account: Account, resources: Sequence[Resource]) -> str:
    """Delete the resources one after the other, in this order; return their number in words, empty for none."""
    for resource in resources:
        delete_resource(account, resource)
    return f"deleted {show.count(resources)}" if resources else ""


@task(name="stop resource", task_run_name="stop {job.name}", **AWS_TASK)
def stop_resource(account: Account, job: Resource) -> None:
    """Ask the job to stop, without a wait; for a training on EC2, terminate its instance."""
    delete.stop_resource(account, job)


@task(name="delete resource", task_run_name="delete {resource.kind} {resource.name}", **AWS_TASK)
def delete_resource(account: Account, resource: Resource) -> None:
    """Delete the resource, and return when it is gone."""
    delete.delete_resource(account, resource)

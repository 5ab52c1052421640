"""Stop and delete what dead runs left; a schedule runs it every hour.

prefect deployment run reap/local
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from tasks.aws.account import find_account
from tasks.leftovers import abandoned_jobs, expired
from tasks.settings import Environment
from tasks.teardown.delete import delete_resource, stop_resource
from tasks.teardown.find import find_resources
from tasks.teardown.show import count, plural, show_resources


def run_name() -> str:
    return f"reap {flow_run.get_parameters()['environment'].project}"


@flow(name="reap", flow_run_name=run_name)
def reap(environment: Environment = Environment()) -> State[Any]:
    """Stop jobs that nobody waits for any more, and delete what is past its tag `pedigree:expires-at`.

    A job stays while its own run, or one that may have adopted it, is unfinished. Needed is one Prefect server a project: a job whose
    flow run this server does not know counts as left.
    """
    account = find_account(environment)
    found = find_resources(account, {"serving", "model"})
    outlived = expired(found)
    jobs = [job for job in abandoned_jobs(found) if job not in outlived]
    if not (jobs or outlived):
        return Completed(name="NothingToDo", message=f"Nothing to do: {plural(len(found), 'resource')}, none of them left behind")
    show_resources(account, [*jobs, *outlived], "reap")
    for job in jobs:
        stop_resource(account, job)
    for resource in outlived:
        delete_resource(account, resource)
    did = [f"{verb} {count(resources)}" for verb, resources in (("stopped", jobs), ("deleted", outlived)) if resources]
    return Completed(message="; ".join(did).capitalize())

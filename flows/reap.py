"""Stop the jobs and delete the resources that dead runs left; a schedule runs this flow every hour.

prefect deployment run reap/local
"""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from pedigree.settings import Environment
from pedigree.text import plural
from tasks.account import find_account
from tasks.reap import find_abandoned_jobs, find_expired
from tasks.runs.forms import EnvironmentGroup
from tasks.runs.parameters import flow
from tasks.teardown import delete_resources, find_resources, show_resources, stop_jobs


def run_name() -> str:
    return f"reap {flow_run.get_parameters()['environment'].project}"


@flow(name="reap", flow_run_name=run_name)
def reap(environment: EnvironmentGroup = Environment()) -> State[Any]:
    """Stop jobs that no run waits for, and delete resources whose tag `pedigree:expires-at` has passed.

    A job stays while its own run, or a run that may have adopted it, is unfinished. Use one Prefect server for each project: a job
    counts as left behind when this server does not know its flow run.
    """
    account = find_account(environment)
    found = find_resources(account, {"serving", "model"})
    outlived = find_expired(found)
    jobs = [job for job in find_abandoned_jobs(found) if job not in outlived]
    if not (jobs or outlived):
        return Completed(name="NothingToDo", message=f"Nothing to do: {plural(len(found), 'resource')} found, none of them left behind")
    show_resources(account, [*jobs, *outlived], "reap")
    did = [stop_jobs(account, jobs), delete_resources(account, outlived)]
    return Completed(message="; ".join(filter(None, did)).capitalize())

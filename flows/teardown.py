"""Delete the resources that runs made, so that AWS bills nothing any more.

prefect deployment run teardown/local                                                     # shows what it would delete
prefect deployment run teardown/local --param dry_run=false
"""

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from pedigree.settings import Environment
from tasks.account import find_account
from tasks.runs.forms import EnvironmentGroup, shown
from tasks.runs.others import refuse_beside_others
from tasks.runs.parameters import flow
from tasks.runs.slot import deletion_slots
from tasks.teardown import Scope, delete_resources, find_resources, layers_of, show_resources, stop_jobs


def run_name() -> str:
    parameters = flow_run.get_parameters()
    what = f"{parameters['scope']} of {parameters['flow_run_id'] or parameters['environment'].project}"
    return f"{'show' if parameters['dry_run'] else 'delete'} {what}"


@flow(name="teardown", flow_run_name=run_name)
def teardown(
    *,
    dry_run: Annotated[bool, shown("Only show", "On: list the resources and what deleting them saves; delete nothing.")] = True,
    scope: Annotated[
        Scope,
        shown(
            "Scope",
            "serving: the resources that are billed around the clock (endpoint, autoscaling, function); models stay, so that a run deploys"
            " again in minutes. everything: models, model packages and jobs too.",
        ),
    ] = "everything",
    data: Annotated[
        bool,
        shown("Data too", "Delete datasets, code, model files and reports too, with their old versions; nothing can restore them."),
    ] = False,
    flow_run_id: Annotated[
        str | None, shown("Only of one flow run", "Id of one flow run, as in its URL, to delete only its resources; empty for all runs.")
    ] = None,
    environment: EnvironmentGroup = Environment(),
) -> State[Any]:
    """Delete the resources that the runs of this project made, and nothing else.

    Only resources with the project's tags are deleted. The bootstrap stack stays, with its bucket and roles. A second run finds nothing to
    delete. Run it with "Only show" first.
    """
    layers = layers_of(scope, data=data)
    account = find_account(environment)
    found = find_resources(account, layers, flow_run_id)
    if not found:
        return Completed(name="NothingToDo", message=f"Nothing to delete: {flow_run_id or account.project} has no resources left here")
    summary = show_resources(account, found, "teardown")
    if dry_run:
        return Completed(message=f"Would delete {summary}")
    refuse_beside_others(environment)
    with deletion_slots(found):
        refuse_beside_others(environment)  # one may have begun before this run held its endpoints; a later one waits for them
        stop_jobs(account, found)
        delete_resources(account, found)
    return Completed(message=f"Deleted {summary}")

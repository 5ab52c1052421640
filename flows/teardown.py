"""Delete what runs made, so that nothing bills any more.

prefect deployment run teardown/local                                                     # shows what would go
prefect deployment run teardown/local --param dry_run=false
"""

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from pedigree.settings import Environment
from tasks.account import find_account
from tasks.runs.forms import shown
from tasks.runs.others import refuse_beside_others
from tasks.runs.parameters import flow
from tasks.teardown import Scope, delete_resources, find_resources, layers_of, show_resources, stop_jobs


def run_name() -> str:
    parameters = flow_run.get_parameters()
    what = f"{parameters['scope']} of {parameters['flow_run_id'] or parameters['environment'].project}"
    return f"{'show' if parameters['dry_run'] else 'delete'} {what}"


@flow(name="teardown", flow_run_name=run_name)
def teardown(
    *,
    dry_run: Annotated[bool, shown("Only show", "List what would go and what that saves; delete nothing.")] = True,
    scope: Annotated[
        Scope,
        shown(
            "What goes",
            "serving: what bills around the clock (endpoint, autoscaling, function); models stay, so that a run deploys again in minutes."
            " everything: models, packages and jobs too.",
        ),
    ] = "everything",
    data: Annotated[
        bool,
        shown("Data too", "Also datasets, code, model files and reports in the bucket, with their old versions; nothing brings them back."),
    ] = False,
    flow_run_id: Annotated[
        str | None, shown("Only of one flow run", "Id of the run whose resources go, as it stands in its URL; empty for those of all runs.")
    ] = None,
    environment: Environment = Environment(),
) -> State[Any]:
    """Delete what the runs of this project made, and nothing else; look before you do.

    What goes carries the project's tags. The bootstrap stack stays, with its bucket and roles. Run it again and it does nothing.
    """
    layers = layers_of(scope, data=data)
    account = find_account(environment)
    found = find_resources(account, layers, flow_run_id)
    if not found:
        return Completed(name="NothingToDo", message=f"Nothing to delete: {flow_run_id or account.project} has nothing left here")
    summary = show_resources(account, found, "teardown")
    if dry_run:
        return Completed(message=f"Would delete {summary}")
    refuse_beside_others(environment)
    stop_jobs(account, found)
    delete_resources(account, found)
    return Completed(message=f"Deleted {summary}")

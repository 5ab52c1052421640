"""The other runs in progress on this server, and the refusal of teardown beside them."""

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.runtime import flow_run

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Environment
from tasks.runs.parameters import merged_parameters
from tasks.runs.tags import OURS


def refuse_beside_others(environment: Environment) -> None:
    """Raise InvalidInput while another run works in this account and project.

    Its next resources would stay, and the resources that it needs would be gone.
    """
    here = [run.name for run in others_running() if environment_of(run) == environment]
    if here:
        raise InvalidInput(
            "teardown",
            environment.project,
            f"{' and '.join(sorted(here))} still runs here; nothing was deleted",
            "wait for its end or cancel it; when its process is dead, delete the run in the Prefect UI; then run again",
        )


def others_running() -> list[FlowRun]:
    wanted = {"tags": {"all_": [OURS]}, "state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}}
    with get_client(sync_client=True) as client:
        running = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(wanted))
    return [run for run in running if str(run.id) != flow_run.id]


def environment_of(run: FlowRun) -> Environment:
    return Environment.model_validate(merged_parameters(run).get("environment") or {})

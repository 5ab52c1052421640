"""The tags that guards and automations go by. A run has those of its deployment, and puts on itself what is missing."""

from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

OURS = "pedigree"
RESUMABLE = "pedigree-resumable"  # of a deployment: its runs may be begun again by themselves, what they did is adopted then
ADOPTING = "pedigree-adopting"  # of a run: it may have adopted a job that another run started


def carry(tag: str) -> None:
    """Let the flow run carry this tag, also one that was called from Python and has no deployment; nothing outside of a run."""
    run_id = flow_run.get_id()
    if run_id is None:
        return
    with get_client(sync_client=True) as client:
        tags = client.read_flow_run(UUID(run_id)).tags
        if tag not in tags:
            client.update_flow_run(UUID(run_id), tags=[*tags, tag])

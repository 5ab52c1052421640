"""The tags that guards, automations and the watch use; a run has the tags of its deployment and adds the missing ones."""

from contextlib import suppress
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run

OURS = "pedigree"
RESUMABLE = "pedigree-resumable"  # on a deployment: its runs may restart automatically and then adopt their earlier results
ADOPTING = "pedigree-adopting"  # on a run: it may have adopted a job that another run started


def carry(tag: str) -> None:
    """Add this tag to the flow run, also when it has no deployment; outside of a run, and in one that was deleted, this does nothing."""
    run_id = flow_run.get_id()
    if run_id is None:
        return
    with get_client(sync_client=True) as client, suppress(ObjectNotFound):
        tags = client.read_flow_run(UUID(run_id)).tags
        if tag not in tags:
            client.update_flow_run(UUID(run_id), tags=[*tags, tag])

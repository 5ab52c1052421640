"""Register with a Prefect server what it can run: work pools, and the deployments of prefect.yaml. On a server that others use:

    python -m deployments.register

NAME/aws is for a server that has the credentials block `pedigree-aws`, NAME/local for one with a worker in the pool `local`: `make up`
registers both on a laptop. What the server cannot run any more is deleted; the runs that it made stay.
"""

import os
import sys
from collections.abc import Collection

import httpx
from prefect.cli import app
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect_aws.workers import ECSWorker

from deployments import BLOCK, CLOUD, LAPTOP
from deployments.pools import ECS, LOCAL, create_pool, ecs_template

EARLIER = ("pedigree: crashed without a word", "pedigree: resume what crashed", "pedigree: start what never started")
NOTHING = f"""This server can run nothing of pedigree yet: it has no credentials block {BLOCK}, and no worker in the pool {LOCAL}.
`make bootstrap` deploys the account's stack and prints the command that saves the block; then run this again."""


def main() -> None:
    with get_client(sync_client=True) as client:
        places = runnable(client)
        prepare(client, places)
    if not places:
        sys.exit(NOTHING)
    deploy(places)


def runnable(client: SyncPrefectClient) -> list[str]:
    """The names of the deployments that the server can run."""
    laptop = [LAPTOP] if has_worker(client) else []
    return [*laptop, CLOUD] if has_block(client) else laptop


def has_worker(client: SyncPrefectClient) -> bool:
    try:
        return bool(client.read_workers_for_work_pool(LOCAL, limit=1))
    except PrefectHTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise
        return False


def has_block(client: SyncPrefectClient) -> bool:
    try:
        client.read_block_document_by_name(BLOCK, "aws-credentials", include_secrets=False)
    except ObjectNotFound:
        return False
    return True


def prepare(client: SyncPrefectClient, places: Collection[str]) -> None:
    """Create the pool of the containers where it is used, and delete what the server cannot run, and what an earlier release left."""
    if CLOUD in places:
        create_pool(client, ECS, ECSWorker.type, ecs_template(os.environ))
    for name in {LAPTOP, CLOUD}.difference(places):
        delete_deployments(client, name)
    for name in EARLIER:  # deployments/watch.py does their work: two would start the same run twice
        for automation in client.read_automations_by_name(name):
            client.delete_automation(automation.id)


def delete_deployments(client: SyncPrefectClient, name: str) -> None:
    """Delete our deployments of this name, with their schedules and automations."""
    named = DeploymentFilter.model_validate({"name": {"any_": [name]}})
    for deployment in client.read_deployments(deployment_filter=named):
        if (deployment.entrypoint or "").startswith("flows."):
            client.delete_resource_owned_automations(f"prefect.deployment.{deployment.id}")
            client.delete_deployment(deployment.id)


def deploy(places: Collection[str]) -> None:
    """Deploy what prefect.yaml has under these names; this ends the process."""
    names = [argument for place in places for argument in ("--name", place)]
    sys.argv[1:] = ["--no-prompt", "deploy", *names]
    app()


if __name__ == "__main__":
    main()

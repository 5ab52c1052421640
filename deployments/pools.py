"""The work pools that prefect.yaml names: `local` for processes, `ecs` for containers. Before the first `prefect deploy` on a server:

    python -m deployments.pools

The settings of ECS are the defaults of the work pool, read from PEDIGREE_ECS_* in the environment; run the command again to change them.
"""

import os
from collections.abc import Mapping
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.workers.process import ProcessWorker
from prefect_aws.workers import ECSWorker

LOCAL, ECS = "local", "ecs"
CPU, MEMORY = 1024, 4096  # CPU units, 1024 are one vCPU; MiB of memory, for the images of one shard and the libraries
SETTINGS = {
    "image": "PEDIGREE_ECS_IMAGE",
    "cluster": "PEDIGREE_ECS_CLUSTER",
    "vpc_id": "PEDIGREE_ECS_VPC",
    "task_role_arn": "PEDIGREE_ECS_TASK_ROLE_ARN",
    "execution_role_arn": "PEDIGREE_ECS_EXECUTION_ROLE_ARN",
}


def main() -> None:
    with get_client(sync_client=True) as client:
        create_pool(client, LOCAL, ProcessWorker.type, ProcessWorker.get_default_base_job_template())
        create_pool(client, ECS, ECSWorker.type, ecs_template(os.environ))
    print(f"Work pools: {LOCAL}, {ECS}")


def create_pool(client: SyncPrefectClient, name: str, kind: str, template: dict[str, Any]) -> None:
    client.create_work_pool(WorkPoolCreate(name=name, type=kind, base_job_template=template), overwrite=True)


def ecs_template(environment: Mapping[str, str]) -> dict[str, Any]:
    """The ECS worker's base job template with our defaults; a setting that is not in the environment keeps the worker's default."""
    template: dict[str, Any] = ECSWorker.get_default_base_job_template()
    ours: dict[str, Any] = {"cpu": CPU, "memory": MEMORY, "image": "pedigree-flows:latest"}
    given = {name: environment[variable] for name, variable in SETTINGS.items() if variable in environment}
    for name, value in (ours | given).items():
        template["variables"]["properties"][name]["default"] = value
    return template


if __name__ == "__main__":
    main()

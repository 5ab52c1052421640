"""The work pools that prefect.yaml names: `local` for processes, `ecs` for containers.

The settings of ECS are fixed in the work pool, read from PEDIGREE_ECS_* in the environment; `python -m deployments.register` changes them.
A run or a deployment may choose CPU and memory only.
"""

from collections.abc import Mapping
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.utilities.templating import apply_values
from prefect_aws.workers import ECSWorker

from deployments.job_templates import ENGINE, ENVIRONMENT, only

LOCAL, ECS = "local", "ecs"
SIZE = {"cpu": 1024, "memory": 4096}  # CPU units, 1024 are one vCPU; MiB of memory, for the images of one shard and the libraries
SETTINGS = {
    "image": "PEDIGREE_ECS_IMAGE",
    "cluster": "PEDIGREE_ECS_CLUSTER",
    "vpc_id": "PEDIGREE_ECS_VPC",
    "task_role_arn": "PEDIGREE_ECS_TASK_ROLE_ARN",
    "execution_role_arn": "PEDIGREE_ECS_EXECUTION_ROLE_ARN",
    "prefect_api_auth_string_secret_arn": "PEDIGREE_ECS_AUTH_SECRET_ARN",
}


def create_pool(client: SyncPrefectClient, name: str, kind: str, template: dict[str, Any]) -> None:
    client.create_work_pool(WorkPoolCreate(name=name, type=kind, base_job_template=template), overwrite=True)


def ecs_template(environment: Mapping[str, str]) -> dict[str, Any]:
    """The ECS worker's base job template with our settings in place of its variables; one that is not set keeps the worker's default."""
    template: dict[str, Any] = ECSWorker.get_default_base_job_template()
    variables = template["variables"]["properties"]
    defaults = {name: variable["default"] for name, variable in variables.items() if variable.get("default") is not None}
    given = {name: environment[variable] for name, variable in SETTINGS.items() if variable in environment}
    ours = {"image": "pedigree-flows:latest", "command": ENGINE} | given | {name: f"{{{{ {name} }}}}" for name in SIZE}
    configuration: dict[str, Any] = apply_values(template["job_configuration"], defaults | ours)
    (container,) = configuration["task_definition"]["containerDefinitions"]
    container["environment"] = [{"name": name, "value": value} for name, value in ENVIRONMENT.items()]
    return {"job_configuration": configuration, "variables": only({name: variables[name] | {"default": SIZE[name]} for name in SIZE})}

"""What a flow run executes is fixed in the template of its work pool, whatever the run asks for."""

import asyncio
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.utilities.schema_tools import ValidationError
from prefect.workers.process import ProcessJobConfiguration
from prefect_aws.workers.ecs_worker import ECSJobConfiguration, ECSVariables

from deployments.job_templates import process_template
from deployments.laptop.worker import FixedJob
from deployments.pools import SETTINGS, SIZE, ecs_template

MINE: dict[str, Any] = {
    **dict.fromkeys(ECSVariables.model_fields, "mine"),
    "command": "id",
    "working_dir": "/tmp",
    "env": {"PYTHONSTARTUP": "/tmp/mine.py"},
    "env.PYTHONPATH": "/tmp",
    "labels": {"a": "b"},
}


def configure(kind: type[Any], template: dict[str, Any], values: dict[str, Any]) -> Any:
    """The job as a worker makes it from the template and the job variables of a run."""

    async def make() -> Any:
        async with get_client() as client:
            return await kind.from_template_and_values(template, values, client=client)

    return asyncio.run(make())


@pytest.mark.usefixtures("prefect_server")
def test_job_variables_that_no_server_refused_act_nowhere() -> None:
    foreign = {name: value for name, value in MINE.items() if name not in SIZE}
    for kind, template in ((ProcessJobConfiguration, process_template()), (ECSJobConfiguration, ecs_template({}))):
        assert configure(kind, template, foreign) == configure(kind, template, {})


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("name", ["command", "working_dir", "env", "env.PYTHONPATH"])
def test_the_worker_of_a_laptop_refuses_them_and_says_which(name: str) -> None:
    with pytest.raises(ValidationError, match=f"'{name}' was unexpected"):
        configure(FixedJob, process_template(), {name: MINE[name]})


@pytest.mark.usefixtures("prefect_server")
def test_a_run_sends_heartbeats_in_both_pools() -> None:
    process, task = configure(FixedJob, process_template(), {}), configure(ECSJobConfiguration, ecs_template({}), {})
    assert process.command == "env PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30 python -m prefect.engine"
    (container,) = task.task_definition["containerDefinitions"]
    assert container["environment"] == [{"name": "PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "value": "30"}]
    assert task.command == "python -m prefect.engine"


@pytest.mark.usefixtures("prefect_server")
def test_the_settings_of_the_operator_are_in_the_job() -> None:
    job = configure(ECSJobConfiguration, ecs_template({variable: name for name, variable in SETTINGS.items()}), {"memory": 8192})
    (container,) = job.task_definition["containerDefinitions"]
    overrides = job.task_run_request["overrides"]
    assert (container["image"], job.cluster, job.vpc_id) == ("image", "cluster", "vpc_id")
    assert (overrides["taskRoleArn"], job.task_definition["executionRoleArn"]) == ("task_role_arn", "execution_role_arn")
    assert job.prefect_api_auth_string_secret_arn == "prefect_api_auth_string_secret_arn"
    assert (job.task_definition["cpu"], job.task_definition["memory"]) == (1024, 8192)

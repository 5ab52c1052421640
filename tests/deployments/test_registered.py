"""A Prefect server holds what it can run after `python -m deployments.register`, typed twice and with nobody to answer a prompt."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import NoSchedule
from prefect.events.actions import DoNothing, RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import get_current_settings
from prefect.states import Crashed
from prefect.workers.process import ProcessVariables, ProcessWorker
from prefect_aws import AwsCredentials
from prefect_aws.workers.ecs_worker import ECSVariables

from deployments import BLOCK
from deployments.job_templates import process_template
from deployments.laptop.stack import ROOT
from deployments.pools import LOCAL, SIZE, create_pool
from deployments.register import EARLIER, has_block, prepare, runnable
from deployments.watch import tell
from tasks.runs.tags import OURS, RESUMABLE
from tests.lab.processes import wait_until

RESUMED = {"operationalize", "retrain", "tune", "score"}  # approve waits in silence, the others are quick to start again by hand
TRIGGERS = {f"pedigree/{where}: {what}" for where in ("local", "aws") for what in ("announce news", "announce failures", "ask a person")}
FIXED = {  # every variable of Prefect's own templates, and one part of a dictionary
    "local": [*ProcessVariables.model_fields, "env.PYTHONPATH"],
    "aws": [name for name in ECSVariables.model_fields if name not in SIZE] + ["env.PYTHONPATH"],
}
VALUES: dict[str, Any] = {"env": {"PYTHONSTARTUP": "/tmp/mine.py"}, "labels": {"a": "b"}}


def register() -> subprocess.CompletedProcess[str]:
    """What a person types on a server that others use."""
    environment = {**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url), "PEDIGREE_ECS_IMAGE": "registry/flows:1"}
    command = [sys.executable, "-m", "deployments.register"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def client(prefect_server: None) -> Iterator[SyncPrefectClient]:
    """A server on which everything was registered twice, after an earlier release had left something."""
    with get_client(sync_client=True) as connected:
        for name in EARLIER:
            connected.create_automation(
                AutomationCore(name=name, trigger=EventTrigger(posture=Posture.Reactive, expect={"never"}), actions=[DoNothing()])
            )
        create_pool(connected, LOCAL, ProcessWorker.type, process_template())
        connected.send_worker_heartbeat(LOCAL, "laptop")
        AwsCredentials(region_name="us-east-1").save(BLOCK)
        for _ in range(2):
            done = register()
            assert done.returncode == 0, done.stdout + done.stderr
        yield connected
        if has_block(connected):
            AwsCredentials.delete(BLOCK)


@pytest.fixture(scope="module")
def registered(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """The deployments by their full names."""
    flows = {flow.id: flow.name for flow in client.read_flows()}
    return {f"{flows[deployment.flow_id]}/{deployment.name}": deployment for deployment in client.read_deployments()}


def test_each_way_to_run_is_there_for_the_laptop_and_for_aws(registered: dict[str, DeploymentResponse]) -> None:
    flows = {"operationalize", "retrain", "tune", "score", "approve", "teardown", "reap", "explain", "plan", "notify"}
    ours = {name for name in registered if name.endswith(("/local", "/aws"))}  # other tests may have left deployments of theirs
    assert ours == {f"{flow}/{where}" for flow in flows for where in ("local", "aws")}
    pools = {name: registered[name].work_pool_name for name in ours}
    assert pools == {name: "ecs" if name.endswith("/aws") else "local" for name in ours}


def test_those_for_aws_name_its_credentials(registered: dict[str, DeploymentResponse]) -> None:
    for name, deployment in registered.items():
        assert deployment.parameters.get("environment", {}).get("credentials") == ("pedigree-aws" if name.endswith("/aws") else None)


def test_only_what_adopts_its_own_work_is_begun_again(registered: dict[str, DeploymentResponse]) -> None:
    assert {name.split("/")[0] for name, deployment in registered.items() if RESUMABLE in deployment.tags} == RESUMED
    for deployment in registered.values():
        assert deployment.description
        assert deployment.enforce_parameter_schema
        assert deployment.job_variables == {}


def test_ticks_have_a_timezone_never_run_two_at_once_and_come_only_where_a_worker_is(registered: dict[str, DeploymentResponse]) -> None:
    scheduled = {name: deployment for name, deployment in registered.items() if deployment.schedules}
    assert scheduled.keys() == {f"{flow}/{where}" for flow in ("retrain", "reap") for where in ("local", "aws")}
    for deployment in scheduled.values():
        schedule = deployment.schedules[0].schedule
        assert not isinstance(schedule, NoSchedule)
        assert schedule.timezone
        assert deployment.global_concurrency_limit is not None
        assert deployment.global_concurrency_limit.limit == 1
        assert deployment.concurrency_options is not None
        assert deployment.concurrency_options.collision_strategy == "CANCEL_NEW"
    assert [name for name, deployment in scheduled.items() if deployment.schedules[0].active] == ["reap/local"]


def test_events_run_notify_and_approve_and_notify_never_tells_of_itself(
    client: SyncPrefectClient, registered: dict[str, DeploymentResponse]
) -> None:
    automations = client.read_automations()
    assert sorted(automation.name for automation in automations) == sorted(TRIGGERS)
    for automation in automations:
        if automation.name in TRIGGERS:
            flow, where = ("approve" if "person" in automation.name else "notify"), automation.name.split("/")[1].split(":")[0]
            assert getattr(automation.actions[0], "deployment_id", None) == registered[f"{flow}/{where}"].id
    assert OURS not in registered["notify/local"].tags + registered["notify/aws"].tags


def test_a_crash_that_nothing_healed_is_announced(client: SyncPrefectClient, registered: dict[str, DeploymentResponse]) -> None:
    run = client.create_flow_run_from_deployment(registered["explain/local"].id)
    client.set_flow_run_state(run.id, Crashed(message="No heartbeat"), force=True)
    tell(client, client.read_flow_run(run.id))
    notify = DeploymentFilter(id=DeploymentFilterId(any_=[registered["notify/local"].id]))
    wait_until(lambda: client.read_flow_runs(deployment_filter=notify), "nobody is told")
    (told,) = client.read_flow_runs(deployment_filter=notify)
    assert told.parameters["subject"] == f"explain Crashed: {run.name}"
    assert (told.parameters["message"], told.parameters["about"]) == ("No heartbeat", str(run.id))


def test_the_pool_for_containers_takes_its_image_from_the_environment(client: SyncPrefectClient) -> None:
    pool = client.read_work_pool("ecs")
    assert pool.type == "ecs"
    (container,) = pool.base_job_template["job_configuration"]["task_definition"]["containerDefinitions"]
    assert container["image"] == "registry/flows:1"


def refusal(call: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """What the server says; it must not accept."""
    with pytest.raises(PrefectHTTPStatusError) as refused:
        call(*arguments, **options)
    assert refused.value.response.status_code == 422
    return str(refused.value.response.json()["detail"])


@pytest.mark.parametrize(("where", "name"), [(pool, name) for pool, names in FIXED.items() for name in names])
def test_a_caller_cannot_choose_what_is_executed_nor_as_whom(
    client: SyncPrefectClient, registered: dict[str, DeploymentResponse], where: str, name: str
) -> None:
    sent = {name: VALUES.get(name, "mine")}
    known = registered[f"reap/{where}"]
    automation = AutomationCore(
        name="mine",
        trigger=EventTrigger(posture=Posture.Reactive, expect={"x"}),
        actions=[RunDeployment(deployment_id=known.id, job_variables=sent)],
    )
    for refused in (
        refusal(client.create_flow_run_from_deployment, known.id, job_variables=sent),
        refusal(client.create_deployment, known.flow_id, "mine", work_pool_name=known.work_pool_name, job_variables=sent),
        refusal(client.create_automation, automation),
    ):
        assert f"'{name}' was unexpected" in refused


def test_a_deployment_that_was_changed_later_makes_no_run(client: SyncPrefectClient, registered: dict[str, DeploymentResponse]) -> None:
    known = registered["teardown/local"].id
    # Prefect's server checks a change of a deployment only when a run is made
    client.update_deployment(known, DeploymentUpdate(job_variables={"command": "id"}))
    assert "'command' was unexpected" in refusal(client.create_flow_run_from_deployment, known)
    client.update_deployment(known, DeploymentUpdate(job_variables={}))


def test_a_caller_may_choose_the_size_of_a_container(client: SyncPrefectClient, registered: dict[str, DeploymentResponse]) -> None:
    run = client.create_flow_run_from_deployment(registered["reap/aws"].id, job_variables={"memory": 8192})
    assert run.job_variables == {"memory": 8192}
    client.delete_flow_run(run.id)


def test_every_field_of_every_form_has_a_title_and_says_what_it_is(registered: dict[str, DeploymentResponse]) -> None:
    assert {
        f"{name}: {field}" for name, deployment in registered.items() for field in unexplained(deployment.parameter_openapi_schema)
    } == set()


def unexplained(schema: dict[str, Any] | None) -> Iterator[str]:
    """Fields without title or description; one that refers to a group is explained there."""
    assert schema is not None
    groups = schema.get("definitions", {})
    for group, fields in [("", schema), *groups.items()]:
        for name, field in fields["properties"].items():
            refers = "$ref" in field or "allOf" in field
            if ("title" not in field and not refers) or not (field.get("description") or refers):
                yield f"{group}.{name}"
        if group and not fields.get("description"):
            yield group


def test_a_schedule_makes_runs(client: SyncPrefectClient, registered: dict[str, DeploymentResponse]) -> None:
    reap = registered["reap/local"]
    httpx.post(f"{get_current_settings().api.url}/deployments/{reap.id}/schedule", json={"min_runs": 3}, timeout=60).raise_for_status()
    runs = client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[reap.id])))
    assert len([run for run in runs if run.auto_scheduled]) >= 3


@pytest.mark.last
def test_a_server_keeps_only_what_it_can_run(client: SyncPrefectClient, registered: dict[str, DeploymentResponse]) -> None:
    client.delete_work_pool(LOCAL)
    prepare(client, runnable(client))
    assert {name.split("/")[1] for name in names(client)} == {"aws"}
    AwsCredentials.delete(BLOCK)
    done = register()
    assert (done.returncode, done.stdout) == (1, "")
    assert "no credentials block pedigree-aws, and no worker in the pool local" in done.stderr
    assert names(client) == set()
    assert client.read_automations() == []


def names(client: SyncPrefectClient) -> set[str]:
    """Full names of our deployments on the server."""
    flows = {flow.id: flow.name for flow in client.read_flows()}
    found = {f"{flows[deployment.flow_id]}/{deployment.name}" for deployment in client.read_deployments()}
    return {name for name in found if name.endswith(("/local", "/aws"))}

"""What a clean Prefect server holds after the three commands that prefect.yaml names, typed twice and with nobody to answer a prompt."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import NoSchedule
from prefect.settings import get_current_settings

from deployments.laptop.stack import ROOT
from tasks.runs.tags import OURS, RESUMABLE

COMMANDS = (["deployments.pools"], ["prefect", "--no-prompt", "deploy", "--all"], ["deployments.automations"])
RESUMED = {"operationalize", "retrain", "tune", "score"}  # approve waits in silence, the others are quick to start again by hand
TRIGGERS = {f"pedigree/{where}: {what}" for where in ("local", "aws") for what in ("announce news", "announce failures", "ask a person")}
BY_ITSELF = {"pedigree: crashed without a word", "pedigree: resume what crashed", "pedigree: start what never started"}


@pytest.fixture(scope="module")
def client(prefect_server: None) -> Iterator[SyncPrefectClient]:
    environment = {**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url), "PEDIGREE_ECS_IMAGE": "registry/flows:1"}
    for command in 2 * COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    with get_client(sync_client=True) as connected:
        yield connected


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
        assert RESUMABLE not in deployment.tags or deployment.job_variables["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"


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
    assert sorted(automation.name for automation in automations) == sorted(TRIGGERS | BY_ITSELF)
    for automation in automations:
        if automation.name in TRIGGERS:
            flow, where = ("approve" if "person" in automation.name else "notify"), automation.name.split("/")[1].split(":")[0]
            assert getattr(automation.actions[0], "deployment_id", None) == registered[f"{flow}/{where}"].id
    assert OURS not in registered["notify/local"].tags + registered["notify/aws"].tags


def test_the_pool_for_containers_takes_its_image_from_the_environment(client: SyncPrefectClient) -> None:
    pool = client.read_work_pool("ecs")
    assert pool.type == "ecs"
    variables = pool.base_job_template["variables"]["properties"]
    assert (variables["image"]["default"], variables["memory"]["default"]) == ("registry/flows:1", 4096)


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

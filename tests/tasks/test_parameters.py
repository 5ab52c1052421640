"""A field that a caller leaves out: the deployment's, the signature's, the group's; whichever way the run starts."""

import uuid
from typing import Any

import pytest
from prefect import flow as plain_flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import ParameterTypeError
from prefect.flow_engine import run_flow
from prefect.testing.cli import invoke_and_assert
from prefect.utilities.callables import parameter_schema

from pedigree.settings import Gate, Serving, Training
from tasks.runs.parameters import flow, merge, merged_parameters

pytestmark = pytest.mark.usefixtures("prefect_server")
SMALL = {"architecture": "small_cnn", "epochs": 12, "instance_count": 2}


@flow(name="merging", flow_run_name="{training.architecture}")
def merging(
    training: Training = Training(), *, gate: Gate = Gate(against_champion="better"), serving: Serving = Serving()
) -> dict[str, Any]:
    return {"training": training, "gate": gate, "serving": serving}


@pytest.fixture
def deployment() -> str:
    """Name of a deployment of `merging` that trains a small network and bakes for 200 s."""
    name = f"merging/{uuid.uuid4().hex[:8]}"
    parameters = {"training": SMALL, "serving": {"guardrails": {"bake_seconds": 200}}}
    with get_client(sync_client=True) as client:
        client.create_deployment(
            client.create_flow(merging),
            name.partition("/")[2],
            parameters=parameters,
            parameter_openapi_schema=parameter_schema(merging).model_dump_for_openapi(),
            enforce_parameter_schema=True,
        )
    return name


def newest(deployment: str) -> FlowRun:
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(deployment)
        runs = [run for run in client.read_flow_runs() if run.deployment_id == found.id]
    return max(runs, key=lambda run: str(run.created))


def execute(run: FlowRun, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The parameters that the flow sees in the process which a worker starts for this run."""
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", str(run.id))
    seen: dict[str, Any] = run_flow(merging, flow_run=run)  # type: ignore[assignment]
    return seen


def by_cli(deployment: str) -> None:
    invoke_and_assert(["deployment", "run", deployment, "-p", 'training={"epochs": 3}'], expected_code=0)


def by_cli_with_params(deployment: str) -> None:
    invoke_and_assert(["deployment", "run", deployment, "--params", '{"training": {"epochs": 3}}'], expected_code=0)


def by_run_deployment(deployment: str) -> None:
    run_deployment(deployment, parameters={"training": {"epochs": 3}}, timeout=0, as_subflow=False)


def by_api(deployment: str) -> None:
    with get_client(sync_client=True) as client:
        client.create_flow_run_from_deployment(client.read_deployment_by_name(deployment).id, parameters={"training": {"epochs": 3}})


def by_the_form(deployment: str) -> None:
    """Both UIs send every field, those of the deployment completed by the defaults of the schema."""
    form = {**Training().model_dump(mode="json"), **SMALL, "epochs": 3}
    with get_client(sync_client=True) as client:
        client.create_flow_run_from_deployment(client.read_deployment_by_name(deployment).id, parameters={"training": form})


@pytest.mark.parametrize("start", [by_cli, by_cli_with_params, by_run_deployment, by_api, by_the_form])
def test_the_deployment_says_what_the_caller_leaves_out(deployment: str, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    start(deployment)
    seen = execute(newest(deployment), monkeypatch)
    assert seen["training"] == Training(architecture="small_cnn", epochs=3, instance_count=2)
    assert seen["serving"].guardrails.bake_seconds == 200
    assert seen["gate"].against_champion == "better"
    run = newest(deployment)
    assert (run.name, run.parameters["training"]) == ("small_cnn", run.parameters["training"] | SMALL | {"epochs": 3})


def test_nested_groups_are_completed_too(deployment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_deployment(deployment, parameters={"serving": {"guardrails": {"step_percent": 50}}}, timeout=0, as_subflow=False)
    guardrails = execute(newest(deployment), monkeypatch)["serving"].guardrails
    assert (guardrails.step_percent, guardrails.bake_seconds) == (50, 200)


def test_rules_between_fields_see_the_whole_group(deployment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_deployment(deployment, parameters={"training": {"compare": True}}, timeout=0, as_subflow=False)
    assert execute(newest(deployment), monkeypatch)["training"].compare  # alone it would be refused: it needs two instances


def test_before_it_has_begun_others_read_a_run_with_its_deployment(deployment: str) -> None:
    by_api(deployment)
    assert merged_parameters(newest(deployment))["training"] == SMALL | {"epochs": 3}


def test_a_call_from_python_keeps_the_defaults_of_the_signature() -> None:
    assert merging()["gate"] == Gate(against_champion="better")
    for gate in ({"min_accuracy": 0.5}, Gate(min_accuracy=0.5)):
        seen = merging(gate=gate)  # type: ignore[arg-type]
        assert seen["gate"] == Gate(min_accuracy=0.5, against_champion="better")
    assert merging(gate=Gate(against_champion="ignored"))["gate"].against_champion == "ignored"


def test_a_flow_that_another_one_calls_has_nothing_of_its_deployment(deployment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_api(deployment)

    @plain_flow
    def parent(training: Any, serving: Any) -> dict[str, Any]:
        return merging(training=Training(epochs=2))

    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", str(newest(deployment).id))
    assert run_flow(parent, flow_run=newest(deployment))["training"] == Training(epochs=2)  # type: ignore[index]


def test_what_no_group_knows_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="batches"):
        merging(training={"batches": 3})  # type: ignore[call-overload]


def test_merging_lays_groups_inside_groups_and_replaces_all_else() -> None:
    base = {"dataset": "/shapes", "training": {"architecture": "small_cnn", "epochs": 12}, "types": [1, 2]}
    given = {"training": Training(epochs=2), "gate": {"min_accuracy": 0.9}, "types": [3], "dataset": None}
    assert merge(base, given) == {
        "dataset": None,
        "training": {"architecture": "small_cnn", "epochs": 2},
        "types": [3],
        "gate": {"min_accuracy": 0.9},
    }
    assert base["training"] == {"architecture": "small_cnn", "epochs": 12}

"""Teardown and reap as Prefect runs and shows them: the form, the names, the table; without any cloud."""

import json
from typing import Any

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, TaskRunFilter
from prefect.utilities.callables import parameter_schema

from flows import teardown as module
from flows.reap import reap
from flows.teardown import teardown
from pedigree.aws.errors import InvalidInput
from pedigree.aws.resources.kind import Resource
from pedigree.aws.resources.table import BY_TITLE, KINDS
from pedigree.teardown.find import endpoints_of
from tasks.teardown import layers_of
from tests.flows.stages import ACCOUNT

FOUND = [
    Resource("function", "pets"),
    Resource("training job", "pets--train-1", {"pedigree:flow-run-id": "run-a"}, "InProgress"),
    Resource("training job", "pets--train-2", {"pedigree:flow-run-id": "run-a"}, "Completed"),
]
BETA = Resource("endpoint", "pets--beta")


def form(flow: Flow[Any, Any]) -> dict[str, dict[str, Any]]:
    return dict(parameter_schema(flow).properties)


def test_the_form_of_teardown_explains_itself_and_deletes_nothing_by_default() -> None:
    fields = form(teardown)
    assert all(fields[name]["title"] != name and fields[name]["description"] for name in fields.keys() - {"environment"})
    assert {name: field["default"] for name, field in fields.items() if name != "environment"} == {
        "dry_run": True,
        "scope": "everything",
        "data": False,
        "flow_run_id": None,
    }
    assert fields["scope"]["enum"] == ["everything", "serving"]


def test_the_form_of_reap_asks_only_where() -> None:
    assert list(form(reap)) == ["environment"]


def test_every_kind_goes_with_everything_and_data() -> None:
    assert layers_of("everything", data=True) == {kind.layer for kind in KINDS}
    assert layers_of("everything", data=False) == {"serving", "model"}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the tasks did, in order, in an account that has FOUND."""
    actions: list[str] = []
    monkeypatch.setattr(module, "find_account", lambda _environment: ACCOUNT)
    monkeypatch.setattr(module, "find_resources", lambda *_: FOUND)
    monkeypatch.setattr("pedigree.teardown.show.monthly_costs", lambda *_: ([2.74, None, 0.0], "table of today"))
    monkeypatch.setattr("pedigree.teardown.delete.client", lambda *_: None)
    monkeypatch.setattr("pedigree.teardown.delete.stop_job", lambda _sagemaker, name, _noun: actions.append(f"stop {name}"))
    for resource in [BETA, *FOUND]:
        kind: Any = Recorder(actions)
        monkeypatch.setitem(BY_TITLE, resource.kind, kind)
    return actions


@pytest.mark.usefixtures("prefect_server")
def test_the_run_names_what_it_does_and_leaves_a_table(done: list[str]) -> None:
    state = teardown(dry_run=False, return_state=True)
    assert state.message == "Deleted 3 resources: 1 function, 2 training jobs; without them $2.74 a month less"
    assert done == ["stop pets--train-1", "delete pets", "delete pets--train-1", "delete pets--train-2"]
    run = state.state_details.flow_run_id
    assert run is not None
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(run).name == "delete everything of pedigree"
        tasks = client.read_task_runs(task_run_filter=TaskRunFilter.model_validate({"flow_run_id": {"any_": [run]}}))
        (artifact,) = client.read_artifacts(artifact_filter=ArtifactFilter.model_validate({"key": {"any_": ["pets-teardown"]}}))
    assert {"stop pets--train-1", "delete function pets", "delete training job pets--train-2"} <= {task.name for task in tasks}
    assert [row["A month"] for row in json.loads(str(artifact.data))] == ["$2.74", "not known", "$0.00"]
    assert artifact.description == str(state.message).removeprefix("Deleted ") + "; prices: table of today"


@pytest.mark.usefixtures("prefect_server")
def test_by_default_it_only_shows(done: list[str]) -> None:
    state = teardown(return_state=True)
    assert str(state.message).startswith("Would delete 3 resources")
    assert done == []


@pytest.mark.usefixtures("prefect_server")
def test_it_holds_the_endpoints_that_it_deletes_and_frees_them(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[dict[str, int]] = []
    delete = Recorder.delete

    def look(self: Recorder, account: object, name: str) -> None:
        held.append({endpoint: slots(endpoint) for endpoint in ("pets", "pets--beta")})
        delete(self, account, name)

    monkeypatch.setattr(Recorder, "delete", look)
    monkeypatch.setattr(module, "find_resources", lambda *_: [BETA, *FOUND])
    monkeypatch.setattr("pedigree.teardown.show.monthly_costs", lambda *_: ([0.0] * 4, "table of today"))
    teardown(dry_run=False)
    assert held == [{"pets": 1, "pets--beta": 1}] * 4
    assert (slots("pets"), slots("pets--beta")) == (0, 0)


@pytest.mark.usefixtures("prefect_server")
def test_a_run_that_begins_before_it_holds_them_is_named_and_keeps_its_resources(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter([None, InvalidInput("teardown", "pets", "pets with tiny still runs here", "wait")])

    def refuse(_environment: object) -> None:
        if refusal := next(refusals):
            raise refusal

    monkeypatch.setattr(module, "refuse_beside_others", refuse)
    with pytest.raises(InvalidInput, match="pets with tiny still runs here"):
        teardown(dry_run=False)
    assert (done, slots("pets")) == ([], 0)


def test_the_endpoints_of_what_is_deleted_are_taken_in_the_order_of_their_names() -> None:
    resources = [
        Resource("scalable target", "endpoint/pets--z/variant/AllTraffic", of="pets--z"),
        Resource("provisioned target", "function:pets:2", of="pets"),
        Resource("endpoint", "pets--beta--rehearsal"),
        Resource("rollback alarm", "pets--a--rollback-5xx", of="pets--a"),
        Resource("job output", "training/job/", of="job"),
        Resource("model", "pets--model-1"),
        FOUND[0],
    ]
    assert endpoints_of(resources) == ["pets", "pets--a", "pets--beta", "pets--z"]


def slots(endpoint: str) -> int:
    """How many hold the endpoint."""
    with get_client(sync_client=True) as client:
        return client.read_global_concurrency_limit_by_name(f"pedigree-endpoint-{endpoint}").active_slots


class Recorder:
    def __init__(self, actions: list[str]) -> None:
        self.actions = actions

    def delete(self, _account: object, name: str) -> None:
        self.actions.append(f"delete {name}")

    def owner(self, _resource: Resource) -> None:
        return None

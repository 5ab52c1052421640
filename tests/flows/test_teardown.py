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
from pedigree.aws.resources.kind import Resource
from pedigree.aws.resources.table import BY_TITLE, KINDS
from tasks.teardown import layers_of
from tests.flows.stages import ACCOUNT

FOUND = [
    Resource("function", "pets"),
    Resource("training job", "pets--train-1", {"pedigree:flow-run-id": "run-a"}, "InProgress"),
    Resource("training job", "pets--train-2", {"pedigree:flow-run-id": "run-a"}, "Completed"),
]


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
    for title in {resource.kind for resource in FOUND}:
        kind: Any = Recorder(actions)
        monkeypatch.setitem(BY_TITLE, title, kind)
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


class Recorder:
    def __init__(self, actions: list[str]) -> None:
        self.actions = actions

    def delete(self, _account: object, name: str) -> None:
        self.actions.append(f"delete {name}")

"""The sequence of the mission, without any cloud: which stage comes after which, and what a failure takes back."""

import ast
import inspect
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from prefect import Task
from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal

from flows import approve, operationalize, retrain
from pedigree.aws.errors import DeploymentFailed, GateRefused, SmokeTestFailed, Throttled
from pedigree.dataset.inspect import Inspected
from pedigree.dataset.weights import Weights
from pedigree.report.headline import headline
from pedigree.report.record import Record
from pedigree.report.summary import summarize
from pedigree.settings import Ec2, Mission, Training
from pedigree.values import Account, FunctionVersion
from tasks.report import stage_names
from tasks.runs.stage import stage
from tests.flows.stages import Stages
from tests.lab.inspected import inspected

pytestmark = pytest.mark.usefixtures("taken_back")
FUNCTION = FunctionVersion("pets", "key", "2", "live", 5, 3, "updated", "1")


def run(stages: Stages, monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> State[Any]:
    stages.replace(operationalize, monkeypatch)
    return operationalize.operationalize.fn("pictures.zip", **parameters)


@pytest.mark.parametrize("flow", [operationalize, retrain, approve])
def test_the_stages_that_a_flow_announces_are_those_that_it_calls_in_this_order(flow: ModuleType) -> None:
    function = getattr(flow, flow.__name__.rpartition(".")[2]).fn
    tree = ast.parse(inspect.getsource(function))
    called = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    in_order = sorted(
        (node.lineno, node.func.id) for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    names = {vars(flow).get(name, None): name for name in called}
    expected = [flow.train if each is operationalize.training_stages else each for each in flow.STAGES]  # type: ignore[attr-defined]
    assert [name for _, name in in_order if vars(flow).get(name) in expected] == [names[each] for each in expected]


@pytest.mark.parametrize("flow", [operationalize, retrain])
def test_a_task_run_is_called_by_what_it_works_on_not_by_random_letters(flow: ModuleType) -> None:
    tasks = [each for each in vars(flow).values() if isinstance(each, Task)]
    assert [each.name for each in tasks if each.task_run_name is None] == []


@pytest.mark.parametrize("flow", [operationalize, retrain, approve])
def test_what_a_flow_announces_records_itself(flow: ModuleType) -> None:
    plain = [each.name for each in flow.STAGES if isinstance(each, Task) and not hasattr(each.fn, "__wrapped__")]
    assert plain == [], "`stage` of tasks/runs/stage.py wraps the function, Prefect's `task` does not"


def test_every_stage_runs_in_the_order_of_the_report(taken_back: list[str], announced: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stages = Stages()
    assert run(stages, monkeypatch).message == "96.7% on 240 test images, live as pets"
    assert stages.reached == stage_names(operationalize.STAGES, Mission())
    assert taken_back == announced == []


@pytest.mark.parametrize("flow", [operationalize, retrain])
def test_weights_are_read_by_the_inspection_and_trained_from_in_the_bucket(flow: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, trained = list[str](), list[Mission]()

    def inspect_dataset(_account: Account, _dataset: str, weights: str) -> Inspected:
        asked.append(weights)
        return replace(inspected(), weights=Weights(Path(weights), "s3://bucket/weights/d1/w.pth"))

    def train(_account: Account, _data: object, mission: Mission, _plan: object) -> str:
        trained.append(mission)
        return "training"

    Stages().replace(flow, monkeypatch)
    monkeypatch.setattr(flow, "inspect_dataset", inspect_dataset)
    monkeypatch.setattr(flow, "train", train)
    monkeypatch.setattr(retrain, "superseded_tick", lambda: None)
    monkeypatch.setattr(flow, "compare_with_champion", lambda *_: SimpleNamespace(already_live=False))
    getattr(flow, flow.__name__.rpartition(".")[2]).fn("pictures.zip", training=Training(weights="w.pth"))
    assert asked == ["w.pth"]
    assert [mission.training for mission in trained] == [Training(weights="s3://bucket/weights/d1/w.pth")]


def test_what_nobody_asked_for_is_no_stage() -> None:
    several = Mission(training=Training(instance_count=2, compare=True), ec2=Ec2(enabled=True))
    ways = ["training", "training on one instance", "training on EC2", "selection"]
    assert stage_names(operationalize.STAGES, several)[3:7] == ways
    assert stage_names(operationalize.STAGES, Mission())[3:5] == ["training", "comparison"]


@pytest.mark.parametrize("error", [ValueError("wrong answer"), ConnectionError("lost"), KeyboardInterrupt()])
def test_whatever_ends_the_smoke_test_takes_alias_and_endpoint_back(
    taken_back: list[str], announced: list[str], error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(type(error)):
        run(Stages("smoke test", error, function=FUNCTION), monkeypatch)
    assert taken_back == ["restore_function", "restore_endpoint"]
    assert announced == []


@pytest.mark.parametrize("stage", ["endpoint", "function", "smoke test"])
def test_a_test_that_is_throttled_takes_nothing_back(
    taken_back: list[str], announced: list[str], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Throttled):
        run(Stages(stage, Throttled(stage, "pets", "throttled for 180 s", "run again"), function=FUNCTION), monkeypatch)
    assert taken_back == announced == []


@pytest.mark.parametrize("failing", ["restore_function", "restore_endpoint", "announce", "publish_report"])
def test_the_first_error_is_told_whatever_fails_after_it(
    taken_back: list[str], announced: list[str], failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **_more: Any) -> None:
        raise ConnectionError(f"{failing} too")

    monkeypatch.setattr(f"tasks.{'rollback' if failing.startswith('restore') else 'report'}.{failing}", fail)
    with pytest.raises(SmokeTestFailed, match="wrong") as first:
        run(Stages("smoke test", SmokeTestFailed("smoke test", "pets", "wrong", "look"), function=FUNCTION), monkeypatch)
    assert taken_back == [name for name in ("restore_function", "restore_endpoint") if name != failing]
    assert announced == ([] if failing == "announce" else ["rolled-back"])
    notes = getattr(first.value, "__notes__", [])
    assert failing == "publish_report" or [note.endswith(f"failed too: ConnectionError: {failing} too") for note in notes] == [True]


def test_a_cancellation_during_the_rollback_ends_the_run_but_not_the_rest_of_the_rollback(
    taken_back: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = []

    def cancel(*_: Any) -> None:
        raise TerminationSignal(15)

    monkeypatch.setattr("tasks.rollback.restore_function", stage("function rollback", of="")(cancel).fn)
    monkeypatch.setattr("tasks.report.publish_report", lambda _account, record: records.append(record))
    with pytest.raises(TerminationSignal):
        run(Stages("smoke test", ValueError("wrong"), function=FUNCTION), monkeypatch)
    assert taken_back == ["restore_endpoint"]
    assert headline(summarize(records[0])) == "○ Cancelled at the stage function rollback"


@pytest.mark.parametrize("failing", ["autoscaling", "function"])
def test_what_fails_behind_the_endpoint_takes_both_back(taken_back: list[str], failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectionError):
        run(Stages(failing, ConnectionError("lost")), monkeypatch)
    assert taken_back == ["restore_function", "restore_endpoint"]


def test_a_deployment_that_failed_has_restored_its_endpoint_itself(taken_back: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The function may be as a killed run left it."""
    with pytest.raises(DeploymentFailed):
        run(Stages("endpoint", DeploymentFailed("endpoint", "pets", "no answer", "look")), monkeypatch)
    assert taken_back == ["restore_function"]


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        ("endpoint", DeploymentFailed("endpoint", "pets", "no answer", "look")),
        ("smoke test", SmokeTestFailed("smoke test", "pets", "wrong", "look")),
    ],
)
def test_a_model_that_does_not_serve_is_announced(
    announced: list[str], stage: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(type(error)):
        run(Stages(stage, error), monkeypatch)
    assert announced == ["rolled-back"]


def test_a_stage_that_fails_ends_the_run_and_takes_back_nothing_of_later_ones(
    taken_back: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = Stages("gate", ValueError("too low"))
    with pytest.raises(ValueError, match="too low"):
        run(stages, monkeypatch)
    assert stages.reached == ["inspect", "plan", "dataset", "training", "comparison", "gate"]
    assert taken_back == []


def test_a_champion_that_changed_meanwhile_refuses_before_anything_is_deployed(
    taken_back: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = Stages("second comparison", GateRefused("gate", "job", "3 fewer right", "train longer"))
    with pytest.raises(GateRefused, match="3 fewer right"):
        run(stages, monkeypatch)
    assert (stages.reached[-2:], taken_back) == (["registry", "second comparison"], [])


def test_a_report_that_cannot_be_published_changes_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("a figure")

    monkeypatch.setattr("tasks.report.publish_report", fail)
    run(Stages(), monkeypatch)

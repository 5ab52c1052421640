"""What retraining decides, without any cloud: nothing to do, refused, waiting for a person, or live."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from flows import retrain as module
from flows.approve import approve
from pedigree.aws.errors import GateRefused, JobFailed
from pedigree.settings import Autoscaling, Gate
from pedigree.values import ModelVersion
from tasks import watching
from tests.flows.stages import Stages
from tests.lab.comparisons import evaluated

TRAINED = SimpleNamespace(job_name="pets--train-b")
REFUSAL = GateRefused("gate", "pets--train-b", "3 fewer right", "train longer")


@pytest.fixture(autouse=True)
def reports(monkeypatch: pytest.MonkeyPatch, taken_back: list[str], announced: list[str]) -> list[str]:
    """The endpoints for which a run was reported."""
    endpoints: list[str] = []
    monkeypatch.setattr(module, "superseded_tick", lambda: None)
    monkeypatch.setattr(watching, "report_retrain", lambda account, _mission: endpoints.append(account.project))
    return endpoints


def run(monkeypatch: pytest.MonkeyPatch, stages: Stages, **parameters: Any) -> Any:
    stages.replace(module, monkeypatch)
    return module.retrain.fn("pictures", **parameters)


def stages_with(*, already_live: bool = False, approved: bool = True, **more: Any) -> Stages:
    comparison = evaluated(already_live=already_live)
    return Stages(comparison=comparison, training=TRAINED, registry=ModelVersion("arn:b", "key", "s3://b", "created", approved), **more)


def test_what_is_live_already_leaves_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = stages_with(already_live=True)
    state = run(monkeypatch, stages)
    assert (state.name, state.is_completed()) == ("NothingToDo", True)
    assert stages.reached == ["inspect", "plan", "dataset", "training", "comparison", "gate"]


@pytest.mark.parametrize("stage", ["gate", "registry", "second comparison"])
def test_a_refused_challenger_is_a_completed_run_that_says_why(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    stages = stages_with(failing=stage, error=REFUSAL)
    state = run(monkeypatch, stages)
    assert (state.name, state.is_completed(), state.message) == ("Refused", True, "3 fewer right")
    assert stages.reached[-1] == stage


def test_a_failed_training_is_a_failed_run_that_is_not_reported(monkeypatch: pytest.MonkeyPatch, reports: list[str]) -> None:
    with pytest.raises(JobFailed):
        run(monkeypatch, stages_with(failing="training", error=JobFailed("training job", "pets--train-b", "boom", "mend it")))
    assert reports == []


@pytest.mark.parametrize("decided", [{}, {"already_live": True}, {"approved": False}, {"failing": "gate", "error": REFUSAL}])
def test_a_run_that_decided_is_reported(monkeypatch: pytest.MonkeyPatch, reports: list[str], decided: dict[str, Any]) -> None:
    run(monkeypatch, stages_with(**decided))
    assert reports == ["pets"]


def test_a_report_that_fails_changes_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError("CloudWatch is away")

    monkeypatch.setattr(watching, "report_retrain", fail)
    assert run(monkeypatch, stages_with(already_live=True)).name == "NothingToDo"


def test_a_better_challenger_goes_live(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = stages_with()
    assert run(monkeypatch, stages).message == "96.7% on 240 test images, live as pets"
    assert stages.reached[-3:] == ["smoke test", "confirmation", "watching"]


def test_where_a_person_decides_the_run_ends_and_asks(monkeypatch: pytest.MonkeyPatch, announced: list[str]) -> None:
    stages = stages_with(approved=False)
    assert run(monkeypatch, stages, approval=True).name == "WaitsForApproval"
    assert stages.reached[-1] == "registry"
    assert announced == ["approval-wanted"]


def test_an_announcement_that_fails_leaves_the_model_waiting_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError("lost")

    monkeypatch.setattr("tasks.registry.announce", fail)
    state = run(monkeypatch, stages_with(approved=False), approval=True)
    assert (state.name, state.is_completed()) == ("WaitsForApproval", True)
    assert state.message == (
        "arn:b waits for a person's decision, and nobody was told: start the flow approve with it and the settings of this run"
    )


def test_the_person_is_asked_about_what_this_run_would_have_done(monkeypatch: pytest.MonkeyPatch) -> None:
    payload: dict[str, Any] = {}
    monkeypatch.setattr("tasks.registry.announce", lambda _account, _event, **details: payload.update(details))
    run(monkeypatch, stages_with(approved=False), approval=True, autoscaling=Autoscaling(max_instances=7), gate=Gate(classes="replace"))
    parameters = approve.validate_parameters(json.loads(json.dumps(payload["approve"])))
    assert (parameters["package"], parameters["autoscaling"].max_instances, parameters["classes"]) == ("arn:b", 7, "replace")
    assert payload["message"].startswith("arn:b has passed the gate."), "the first model of a project beats no live one"


def test_a_missed_tick_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "superseded_tick", lambda: "a later one is due")
    stages = stages_with()
    assert run(monkeypatch, stages).name == "Skipped"
    assert stages.reached == []

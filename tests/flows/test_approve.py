"""What a person's decision does, without any cloud."""

from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows import approve as module
from pedigree.aws.errors import GateRefused
from pedigree.settings import Mission
from pedigree.values import ModelVersion
from tasks.report import stage_names
from tests.flows.stages import Stages

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/pets/3"


LACKS = GateRefused("classes", "endpoint pets", "the model package pets/3 lacks 1 of the 2 classes", "leave the live model")


def decide(monkeypatch: pytest.MonkeyPatch, stages: Stages, *, approve: bool) -> State[Any]:
    decision = SimpleNamespace(approve=approve, approver="Ada", reason="two classes are mixed up")
    stages.replace(module, monkeypatch)
    monkeypatch.setattr(module, "describe_for_approval", lambda _account, package: f"What {package} is worth")
    monkeypatch.setattr(module, "suspend_flow_run", stages.asking(decision))
    state: State[Any] = module.approve.fn(PACKAGE)
    return state


@pytest.mark.usefixtures("taken_back")
def test_an_approved_model_goes_live(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = Stages(approval=ModelVersion(PACKAGE, "key", "s3://b", "updated"))
    assert decide(monkeypatch, stages, approve=True).is_completed()
    assert stages.reached == ["a person", *stage_names(module.STAGES, Mission())]
    assert stages.reached.index("admission") < stages.reached.index("endpoint")


@pytest.mark.usefixtures("taken_back")
def test_a_rejected_one_does_not_and_the_run_says_who_and_why(monkeypatch: pytest.MonkeyPatch, announced: list[str]) -> None:
    stages = Stages(approval=ModelVersion(PACKAGE, "key", "s3://b", "updated", approved=False))
    state = decide(monkeypatch, stages, approve=False)
    assert (state.name, state.message) == ("Rejected", f"Ada rejected {PACKAGE}: two classes are mixed up")
    assert stages.reached == ["a person", "approval"]
    assert announced == []


@pytest.mark.usefixtures("taken_back")
def test_nobody_is_asked_about_a_model_that_could_not_go_live(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = Stages("check package", LACKS)
    with pytest.raises(GateRefused):
        decide(monkeypatch, stages, approve=True)
    assert stages.reached == []


def test_what_changed_while_the_person_decided_is_asked_again_and_nothing_changes(
    taken_back: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = Stages("admission", LACKS, approval=ModelVersion(PACKAGE, "key", "s3://b", "updated"))
    with pytest.raises(GateRefused):
        decide(monkeypatch, stages, approve=True)
    assert (stages.reached, taken_back) == (["a person", "approval", "admission"], [])


@pytest.mark.usefixtures("taken_back")
def test_a_model_that_could_not_go_live_can_still_be_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "flow_run", SimpleNamespace(run_count=2))  # resumed: the person has decided
    stages = Stages("check package", LACKS, approval=ModelVersion(PACKAGE, "key", "s3://b", "updated", approved=False))
    assert decide(monkeypatch, stages, approve=False).name == "Rejected"

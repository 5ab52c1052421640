"""What a person's decision does, without any cloud."""

from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows import approve as module
from pedigree.settings import Mission
from pedigree.values import ModelVersion
from tasks.report import stage_names
from tests.flows.stages import Stages

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/pets/3"


def decide(monkeypatch: pytest.MonkeyPatch, stages: Stages, *, approve: bool) -> State[Any]:
    decision = SimpleNamespace(approve=approve, approver="Ada", reason="two classes are mixed up")
    stages.replace(module, monkeypatch)
    monkeypatch.setattr(module, "describe_for_approval", lambda _account, package: f"What {package} is worth")
    monkeypatch.setattr(module, "suspend_flow_run", lambda wait_for_input, timeout: decision)
    state: State[Any] = module.approve.fn(PACKAGE)
    return state


@pytest.mark.usefixtures("taken_back")
def test_an_approved_model_goes_live(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = Stages(approval=ModelVersion(PACKAGE, "key", "s3://b", "updated"))
    assert decide(monkeypatch, stages, approve=True).is_completed()
    assert stages.reached == stage_names(module.STAGES, Mission())


@pytest.mark.usefixtures("taken_back")
def test_a_rejected_one_does_not_and_the_run_says_who_and_why(monkeypatch: pytest.MonkeyPatch, announced: list[str]) -> None:
    stages = Stages(approval=ModelVersion(PACKAGE, "key", "s3://b", "updated", approved=False))
    state = decide(monkeypatch, stages, approve=False)
    assert (state.name, state.message) == ("Rejected", f"Ada rejected {PACKAGE}: two classes are mixed up")
    assert stages.reached == ["approval"]
    assert announced == []

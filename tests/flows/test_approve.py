"""What a person's decision does, without any cloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows import approve as module
from tasks.values import ModelVersion
from tests.flows.stages import Stages
from tests.flows.test_operationalize import ACCOUNT

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/pets/3"


def decide(monkeypatch: pytest.MonkeyPatch, stages: Stages, *, approve: bool) -> State[Any]:
    @contextmanager
    def reported(_account: Any, names: tuple[str, ...]) -> Iterator[Stages]:
        assert names == module.STAGES
        yield stages

    decision = SimpleNamespace(approve=approve, approver="Ada", reason="two classes are mixed up")
    for name, stand_in in {
        "find_account": lambda _: ACCOUNT,
        "describe_for_approval": lambda _account, package: f"What {package} is worth",
        "suspend_flow_run": lambda wait_for_input, timeout: decision,
        "reported": reported,
    }.items():
        monkeypatch.setattr(module, name, stand_in)
    state: State[Any] = module.approve.fn(PACKAGE)
    return state


@pytest.mark.usefixtures("taken_back")
def test_an_approved_model_goes_live(monkeypatch: pytest.MonkeyPatch, announced: list[str]) -> None:
    stages = Stages(approval=ModelVersion(PACKAGE, "key", "s3://b", "updated"))
    assert decide(monkeypatch, stages, approve=True).is_completed()
    assert tuple(stages.reached) == module.STAGES
    assert announced == ["promoted"]


@pytest.mark.usefixtures("taken_back")
def test_a_rejected_one_does_not_and_the_run_says_who_and_why(monkeypatch: pytest.MonkeyPatch, announced: list[str]) -> None:
    stages = Stages(approval=ModelVersion(PACKAGE, "key", "s3://b", "updated", approved=False))
    state = decide(monkeypatch, stages, approve=False)
    assert (state.name, state.message) == ("Rejected", f"Ada rejected {PACKAGE}: two classes are mixed up")
    assert stages.reached == ["approval"]
    assert announced == []

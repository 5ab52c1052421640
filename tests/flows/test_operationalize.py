"""The sequence of the mission, without any cloud: which stage comes after which, and what a failure takes back."""

from typing import Any

import pytest

from flows import operationalize as mission
from tasks.settings import Autoscaling, Function, Gate, Serving, Training


class Stages:
    """In place of the record: each stage gives its own name, unless it is the one to fail."""

    def __init__(self, failing: str = "", error: BaseException | None = None) -> None:
        self.failing, self.error = failing, error
        self.reached: list[str] = []

    def run(self, name: str, *_task_and_arguments: Any) -> str:
        self.reached.append(name)
        if name == self.failing:
            assert self.error is not None
            raise self.error
        return name


@pytest.fixture
def taken_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was restored, in order."""
    restored: list[str] = []
    for name in ("restore_function", "restore_endpoint"):
        monkeypatch.setattr(mission, name, lambda _account, value: restored.append(value))
    return restored


def run(stages: Stages) -> None:
    account: Any = None
    record: Any = stages
    mission.run_stages(account, record, "pictures.zip", Training(), Gate(), Serving(), Autoscaling(), Function())


def test_every_stage_runs_in_the_order_of_the_report(taken_back: list[str]) -> None:
    stages = Stages()
    run(stages)
    assert stages.reached == list(mission.STAGES)
    assert taken_back == []


@pytest.mark.parametrize("error", [ValueError("wrong answer"), ConnectionError("lost"), KeyboardInterrupt()])
def test_whatever_ends_the_smoke_test_takes_alias_and_endpoint_back(taken_back: list[str], error: BaseException) -> None:
    with pytest.raises(type(error)):
        run(Stages("smoke test", error))
    assert taken_back == ["function", "endpoint"]


def test_a_stage_that_fails_ends_the_run_and_takes_back_nothing_of_later_ones(taken_back: list[str]) -> None:
    stages = Stages("gate", ValueError("chance"))
    with pytest.raises(ValueError, match="chance"):
        run(stages)
    assert stages.reached == ["dataset", "training", "gate"]
    assert taken_back == []

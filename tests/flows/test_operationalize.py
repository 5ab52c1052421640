"""The sequence of the mission, without any cloud: which stage comes after which, and what a failure takes back."""

from typing import Any

import pytest

from flows.operationalize import stages_of
from flows.promotion import promote, qualify
from tasks.settings import Autoscaling, Ec2, Function, Gate, Serving, Training
from tasks.values import Account, Endpoint, ModelVersion
from tests.flows.stages import Stages

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
VERSION = ModelVersion("arn:b", "key", "s3://b", "created")


def run(stages: Stages) -> None:
    record: Any = stages
    qualify(ACCOUNT, record, "pictures.zip", Training(), Ec2(), Gate(), Serving(), Autoscaling(), Function(), None)
    stages.run("registry")
    promote(ACCOUNT, record, VERSION, Serving(), Autoscaling(), Function())


def test_every_stage_runs_in_the_order_of_the_report(taken_back: list[str], announced: list[str]) -> None:
    stages = Stages()
    run(stages)
    assert stages.reached == list(stages_of(Training(), Ec2()))
    assert taken_back == []
    assert announced == ["promoted"]


@pytest.mark.parametrize("error", [ValueError("wrong answer"), ConnectionError("lost"), KeyboardInterrupt()])
def test_whatever_ends_the_smoke_test_takes_alias_and_endpoint_back(
    taken_back: list[str], announced: list[str], error: BaseException
) -> None:
    with pytest.raises(type(error)):
        run(Stages("smoke test", error))
    assert taken_back == ["restore_function", "restore_endpoint"]
    assert announced == []


def test_a_stage_that_fails_ends_the_run_and_takes_back_nothing_of_later_ones(taken_back: list[str]) -> None:
    stages = Stages("gate", ValueError("chance"))
    with pytest.raises(ValueError, match="chance"):
        run(stages)
    assert stages.reached == ["plan", "dataset", "training", "comparison", "gate"]
    assert taken_back == []


@pytest.mark.usefixtures("taken_back")
def test_what_was_live_already_is_not_announced(announced: list[str]) -> None:
    run(Stages(endpoint=Endpoint("pets", "pets-config-b", "AllTraffic", "pets-model-b", "adopted")))
    assert announced == []

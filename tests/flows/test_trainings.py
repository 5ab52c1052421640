"""Which trainings a flow starts, with what they may cost, and who stops them."""

from collections.abc import Mapping
from typing import Any

import pytest

from flows import trainings
from tasks.report.record import Record
from tasks.report.together import Call
from tasks.settings import Ec2, Training
from tasks.training.ec2.train import train_on_ec2
from tasks.training.job import train_model
from tasks.training.selection import Selection
from tasks.values import CostLine, CostPlan
from tests.flows.stages import Stages
from tests.flows.test_operationalize import ACCOUNT
from tests.tasks.report_records import trained_model

STAGES = ("training", "training on one instance", "training on EC2")
PLAN = CostPlan(run=tuple(CostLine(f"{stage}, 1 x ml.big", 1.0, 1.0, "") for stage in STAGES), month=(), by_hand=(), prices_of="")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Call[Any]]:
    """What is started side by side; it fails."""
    started: dict[str, Call[Any]] = {}

    def run_together(record: Record, calls: Mapping[str, Call[Any]], *, on_failure: Any) -> dict[str, Any]:
        started.update(calls)
        on_failure()
        return dict(calls)

    monkeypatch.setattr(trainings, "run_together", run_together)
    return started


def train(training: Training, ec2: Ec2, *, budget_usd: float | None = None) -> Stages:
    stages = Stages(selection=Selection(trained_model(), "training", "the best"))
    record: Any = stages
    record.flow_run_id = "b1946ac9"
    dataset: Any = None
    trainings.train(ACCOUNT, record, PLAN, dataset, training, ec2, budget_usd)
    return stages


def test_one_training_is_started_alone_and_nothing_is_selected(calls: dict[str, Call[Any]]) -> None:
    assert train(Training(instance_count=2), Ec2()).reached == ["training"]
    assert calls == {}


def test_several_share_the_budget_and_are_stopped_when_one_fails(calls: dict[str, Call[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(trainings, "stop_training_jobs", lambda _account, flow_run_id: stopped.append(flow_run_id))
    training, ec2 = Training(instance_count=2, compare=True), Ec2(enabled=True)
    assert train(training, ec2, budget_usd=3.0).reached == ["selection"]
    assert list(calls) == list(STAGES)
    assert [call.task for call in calls.values()] == [train_model, train_model, train_on_ec2]
    assert [call.arguments[2].instance_count for call in calls.values()] == [2, 1, 1]
    assert [call.arguments[-1] for call in calls.values()] == pytest.approx([1.0] * 3)
    assert stopped == ["b1946ac9"]

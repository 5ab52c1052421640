"""Several trainings at once: what each may cost, and what becomes of the others when one fails or the run ends."""

import contextlib
import threading
from typing import Any

import pytest
from prefect import flow

from pedigree.aws.errors import GivenUp, JobFailed
from pedigree.aws.waiting import wait_until
from pedigree.report.record import Record
from pedigree.settings import Ec2, Mission, Training
from pedigree.training import stop
from pedigree.training.ways import Way, ways_of
from pedigree.values import CostLine, CostPlan
from tasks import training as module
from tasks.runs.stage import recorded, stage
from tests.flows.stages import ACCOUNT
from tests.lab.report_records import trained_model

pytestmark = pytest.mark.usefixtures("prefect_server")
STAGES = ("training", "training on one instance", "training on EC2")
PLAN = CostPlan(run=tuple(CostLine(f"{stage}, 1 x ml.big", 1.0, 1.0, "") for stage in STAGES), month=(), by_hand=(), prices_of="")
ALL = Mission(training=Training(instance_count=2, compare=True), ec2=Ec2(enabled=True), budget_usd=3.0)
DATASET: Any = None


class Trainings:
    """In place of both tasks: what they were given, and what ends one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **ends: Any) -> None:
        self.started: list[tuple[Way, float | None]] = []
        self.meeting, self.ends, self.stopped = threading.Barrier(3), ends, list[str]()

        @stage("{way.stage}", of="x")
        def train_model(account: Any, dataset: Any, way: Way, budget_usd: float | None) -> Any:
            self.started.append((way, budget_usd))
            self.meeting.wait(timeout=60)  # in vain, if they came one after the other
            return self.ends.get(way.stage.replace(" ", "_"), trained_model)()

        for name in ("train_model", "train_on_ec2"):
            monkeypatch.setattr(module, name, train_model)
        monkeypatch.setattr(stop, "stop_training_jobs", lambda _account, run: self.stopped.append(run))


def wait_for_ever() -> str:
    return wait_until(lambda: "not yet", lambda _: False, step="training job", resource="pets--train-2", seconds=3600)


def fail() -> None:
    raise JobFailed("training job", "pets--train-1", "a rank died", "mend it")


def run(mission: Mission) -> Record:
    """The record, whatever ended the trainings."""
    records: list[Record] = []

    @flow
    def train() -> None:
        with recorded("b1946ac9", module.training_stages(mission)) as record:
            records.append(record)
            module.train_side_by_side(ACCOUNT, DATASET, ways_of(mission.training, mission.ec2), dict.fromkeys(STAGES, 1.0))

    with contextlib.suppress(JobFailed, KeyboardInterrupt):
        train()
    return records[0]


def test_several_run_at_once_and_each_has_its_own_model(monkeypatch: pytest.MonkeyPatch) -> None:
    trainings = Trainings(monkeypatch)
    record = run(ALL)
    assert set(record.values) == set(STAGES)
    assert sorted(way.training.instance_count for way, _ in trainings.started) == [1, 1, 2]
    assert trainings.stopped == []


def test_one_that_fails_ends_the_others_and_stops_their_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    trainings = Trainings(monkeypatch, training=wait_for_ever, training_on_one_instance=wait_for_ever, training_on_EC2=fail)
    record = run(ALL)
    messages = [str(stage.message) for stage in record.stages.values()]
    assert [message.split(":")[0] for message in messages] == [GivenUp.__name__, GivenUp.__name__, JobFailed.__name__, "None"]
    assert "pets--train-2: what this run did beside it failed" in messages[0]
    assert record.values == {}
    assert trainings.stopped == [ACCOUNT.run]


def test_a_run_that_is_ended_leaves_what_it_started_to_its_hook_or_its_resumption(monkeypatch: pytest.MonkeyPatch) -> None:
    trainings = Trainings(monkeypatch, **dict.fromkeys(("training", "training_on_one_instance", "training_on_EC2"), wait_for_ever))

    def interrupted(_futures: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "as_completed", interrupted)
    record = run(ALL)
    assert trainings.stopped == []
    assert {stage.status for name, stage in record.stages.items() if name in STAGES} <= {"cancelled", "failed", "not reached"}
    assert record.cancelled


def test_they_share_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []
    monkeypatch.setattr(module, "train_side_by_side", lambda _a, _d, _w, budgets: given.extend(budgets.values()))
    monkeypatch.setattr(module, "select_model", lambda *_: __import__("types").SimpleNamespace(model="the best"))
    assert module.train(ACCOUNT, DATASET, ALL, PLAN) == "the best"  # type: ignore[comparison-overlap]
    assert given == pytest.approx([1.0] * 3)


def test_one_training_has_all_of_the_budget_and_nothing_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(module, "train_model", lambda *arguments: given.extend(arguments[2:]))
    module.train(ACCOUNT, DATASET, Mission(budget_usd=2.0), PLAN)
    assert (given[0].stage, given[1]) == ("training", 2.0)

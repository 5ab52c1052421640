"""What the flow `tune` decides, without any cloud: what it refuses, what it publishes, what it starts."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows import tune as module
from pedigree.aws.errors import BudgetExceeded, GateRefused, InvalidInput
from pedigree.dataset.weights import Weights
from pedigree.settings import Training
from pedigree.tuning.trial import Trial
from tasks.tuning import choose_winner
from tests.flows.stages import ACCOUNT
from tests.lab.inspected import inspected
from tests.pedigree.tuning.test_tuning import GUESSING, trial


class Surroundings:
    """Every task of the flow in place of the real one; the trials are given."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.trials: list[Trial] = [trial(0, 0.5), trial(1, 0.4, learning_rate=0.02)]
        self.error: BaseException | None = None
        self.started: tuple[Any, ...] = ()
        self.training = Training()

    def open_study(self, _account: Any, _data: Any, training: Training, *_: Any) -> Any:
        self.training = training
        return SimpleNamespace(trials=self.trials, training=Training(), spending=SimpleNamespace(usd=1.5))

    def run_trials(self, *_: Any, **__: Any) -> None:
        self.done.append("trials")
        if self.error:
            raise self.error

    def start(self, *given: Any) -> None:
        self.started = given

    def note(self, what: str, value: Any = None) -> Any:
        def run(*_: Any, **__: Any) -> Any:
            self.done.append(what)
            return value

        return run


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    found = Surroundings()
    monkeypatch.setattr(module, "find_account", lambda _: ACCOUNT)
    for name, what in (
        ("plan_study", "plan"),
        ("upload_dataset", "dataset"),
        ("publish_study", "page"),
        ("announce", "announced"),
    ):
        monkeypatch.setattr(module, name, found.note(what))
    monkeypatch.setattr(module, "inspect_dataset", found.note("inspect", inspected()))
    monkeypatch.setattr(module, "open_study", found.open_study)
    monkeypatch.setattr(module, "run_trials", found.run_trials)
    monkeypatch.setattr(module, "choose_winner", choose_winner.fn)
    monkeypatch.setattr(module, "start_operationalize", found.start)
    return found


def test_the_plan_comes_first_and_the_winner_is_told(around: Surroundings) -> None:
    state = module.tune.fn("pictures")
    assert around.done == ["inspect", "plan", "dataset", "trials", "page"]
    assert str(state.message).startswith("Trial 1 of 2 wins: learning_rate 0.02; validation loss 0.4000")
    assert around.started == ()


def test_trials_start_from_the_weights_in_the_bucket(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(inspected(), weights=Weights(Path("w.pth"), "s3://bucket/weights/d1/w.pth"))
    monkeypatch.setattr(module, "inspect_dataset", lambda _account, _dataset, weights: {"w.pth": found}[weights])
    module.tune.fn("pictures", training=Training(weights="w.pth"))
    assert around.training == Training(weights="s3://bucket/weights/d1/w.pth")


def test_a_planted_winner_at_the_baseline_ends_the_run_after_its_page(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_deployment", lambda: None)
    around.trials.append(trial(2, 0.01, confusion=GUESSING))
    with pytest.raises(GateRefused, match="trial 2 has the lowest validation loss"):
        module.tune.fn("pictures", then_operationalize=True)
    assert around.done[-1] == "page"
    assert around.started == ()


def test_going_on_takes_the_winners_settings_and_what_the_budget_has_left(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_deployment", lambda: None)
    module.tune.fn("pictures", budget_usd=2.0, then_operationalize=True)
    dataset, training, _, left = around.started
    assert (dataset, training, left) == ("pictures", Training(learning_rate=0.02), 0.5)


def test_going_on_without_a_deployment_is_refused_before_anything(around: Surroundings) -> None:
    with pytest.raises(InvalidInput, match="belongs to no deployment"):
        module.tune.fn("pictures", then_operationalize=True)
    assert around.done == []


def test_a_study_over_its_budget_is_announced_and_has_its_page(around: Surroundings) -> None:
    around.error = BudgetExceeded("tune", "study", "too dear", "raise it")
    with pytest.raises(BudgetExceeded):
        module.tune.fn("pictures")
    assert around.done == ["inspect", "plan", "dataset", "trials", "announced", "page"]

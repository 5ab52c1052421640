"""The page of a study: the winner or why there is none, every trial, figures, and a command that a shell reads as it was meant."""

import base64
import io
import json
import shlex
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from pedigree.aws.errors import GateRefused
from pedigree.drawing import Figures
from pedigree.settings import Environment, Training, Tuning
from pedigree.trained_model import Evaluation
from pedigree.tuning.figures import Scale, draw_study, importance
from pedigree.tuning.page import describe_study, render_page
from pedigree.tuning.publish import commands
from pedigree.tuning.spending import Spending
from pedigree.tuning.trial import Trial
from tasks import tuning
from tasks.tuning import require_deployment, start_operationalize
from tests.lab.trial_jobs import loss_of

RATES = (0.001, 0.003, 0.01, 0.03, 0.0001, 0.02, 0.005, 0.008)
SPENDING = Spending(3.6, 3, None)


def trials() -> list[Trial]:
    evaluation = Evaluation(("a", "b"), [[18, 2], [2, 18]], [])
    found = [
        Trial(number, {"learning_rate": rate, "batch_size": (16, 32)[number % 2]}, "completed", f"job-{number}", {1: 2.0, 2: loss_of(rate)})
        for number, rate in enumerate(RATES)
    ]
    return [
        *(replace(trial, evaluation=evaluation, billable_seconds=60) for trial in found),
        Trial(8, {"learning_rate": 0.0002, "batch_size": 16}, "pruned", "job-8", {1: 3.0}, reason="worse than the median"),
        Trial(9, {"learning_rate": 0.03, "batch_size": 32}, "failed", "job-9", reason="no finite | loss"),
    ]


def test_the_page_names_the_winner_every_trial_and_how_to_go_on() -> None:
    winner = trials()[2]
    page = render_page(trials(), winner, SPENDING, Figures({"Trials": "data:image/png;base64,AA=="}, {}), "make run")
    chosen, reached = "learning_rate 0.01, batch_size 16", "validation loss 0.1333, accuracy 90.0% on 40 validation images"
    assert page.startswith(f"**Trial 2 of 10 wins: {chosen}; {reached}**")
    assert "| **2** | **0.01** | **16** | **0.1333** | **90.0%** | **2** | **60 s** | **$0.06** | **✓ completed** | `job-2` |" in page
    assert "| 8 | 0.0002 | 16 | 3.0000 | - | 1 | 0 s | $0.00 | ✂ pruned: `worse than the median` | `job-8` |" in page
    assert "✗ failed: `no finite \\| loss`" in page
    assert page.index("### Trials") < page.index("```sh\nmake run\n```")


def test_a_refused_study_says_why_and_gives_no_command() -> None:
    refusal = GateRefused("tune", "job-2", "its accuracy is not above the baseline", "try other learning rates")
    page = render_page(trials(), refusal, SPENDING, Figures({}, {}), "")
    assert page.startswith("**No winner: its accuracy is not above the baseline. Try other learning rates**")
    assert "### Go on" not in page
    report = json.loads(json.dumps(describe_study(trials(), refusal, SPENDING)))
    assert (report["winner"], report["lowest_loss"]) == (None, pytest.approx(loss_of(0.01)))
    assert "not above the baseline" in report["refused"]


def test_a_study_without_any_trial_has_a_page_too() -> None:
    refusal = GateRefused("tune", "study", "none has begun", "look")
    assert render_page([], refusal, SPENDING, draw_study([], None, Tuning()), "").startswith("**No winner: none has begun.")


def test_figures_are_images_and_importance_needs_some_trials() -> None:
    figures = draw_study(trials(), trials()[2], Tuning(batch_sizes=(16, 32)))
    assert list(figures.urls) == ["Trials", "Importance"]
    for url in figures.urls.values():
        image = Image.open(io.BytesIO(base64.b64decode(url.partition(";base64,")[2])))
        assert image.width >= 700
    assert list(draw_study(trials()[:5], None, Tuning(batch_sizes=(16, 32))).urls) == ["Trials"]
    assert list(draw_study(trials(), None, Tuning(batch_sizes=())).urls) == ["Trials"]


def test_what_decides_the_loss_is_more_important_than_what_does_not() -> None:
    shares = importance([trial for trial in trials() if trial.loss is not None], Tuning(batch_sizes=(16, 32)))
    assert shares["learning_rate"] > shares["batch_size"]
    assert sum(shares.values()) == pytest.approx(1)


def test_rates_are_drawn_by_their_logarithm_and_choices_evenly() -> None:
    assert [Scale("learning_rate", [1e-4, 1e-2]).height(rate) for rate in (1e-4, 1e-3, 1e-2)] == pytest.approx([0, 0.5, 1])
    assert [Scale("batch_size", [16, 32, 128]).height(size) for size in (16, 32, 128)] == [0, 0.5, 1]
    assert Scale("architecture", ["resnet18", "resnet18"]).height("resnet18") == 0.5


def test_the_commands_hold_every_setting_and_any_name_of_a_folder() -> None:
    training = Training(learning_rate=0.0017826497151386949, fresh="it's mine")
    laptop, anywhere = (shlex.split(line) for line in commands("operationalize/local", "/my pictures", training).splitlines())
    assert laptop[:3] == ["make", "run", "DATASET=/my pictures"]
    assert Training.model_validate(json.loads(laptop[3].removeprefix("PARAMS="))["training"]) == training
    assert anywhere[:5] == ["prefect", "deployment", "run", "operationalize/local", "--params"]
    assert json.loads(anywhere[5])["dataset"] == "/my pictures"


def test_on_aws_there_is_no_laptop_to_go_on_with() -> None:
    (line,) = commands("operationalize/aws", "s3://bucket/dogs", Training()).splitlines()
    assert line.startswith("prefect deployment run operationalize/aws --params ")


def test_going_on_needs_a_deployment_and_begins_one_run_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="belongs to no deployment"):
        require_deployment()
    begun: list[dict[str, Any]] = []
    monkeypatch.setattr("prefect.runtime.deployment.get_name", lambda: "aws")

    def run(name: str, **given: Any) -> SimpleNamespace:
        begun.append({"to": name} | given)
        return SimpleNamespace(name="brave-ferret")

    monkeypatch.setattr(tuning, "run_deployment", run)
    assert start_operationalize.fn("dogs", Training(), Environment(), 2.5) == "brave-ferret"
    assert (begun[0]["to"], begun[0]["timeout"], begun[0]["parameters"]["budget_usd"]) == ("operationalize/aws", 0, 2.5)
    assert Training.model_validate(begun[0]["parameters"]["training"]) == Training()

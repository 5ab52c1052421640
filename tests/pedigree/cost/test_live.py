"""Plans and budgets against a real account: what is refused creates nothing, what grows too dear is stopped."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import BudgetExceeded, InvalidInput, JobStopped
from pedigree.cost.page import compare_instances
from pedigree.cost.watch import budget_watch
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.settings import Mission, Training
from pedigree.trained_model import TrainedModel
from pedigree.training.jobs import train_model
from pedigree.values import CostPlan, Dataset
from tasks.cost import plan_costs
from tests.lab.inspected import inspected
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.small_models import SERVING, registered

IMAGE = "local/pytorch-training:1"
SCRIPT = """
import json, os, pathlib, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
for epoch in range(1, {epochs} + 1):
    print(f"epoch={{epoch}} train:loss=0.5 epoch:seconds=0.01 epoch:images_per_second=400.0", flush=True)
    time.sleep({seconds})
(base / "model/weight").write_text("trained")
(base / "output/data/history.json").write_text(json.dumps([{{"epoch": 1}}]))
evaluation = {{"classes": ["a", "b"], "confusion": [[3, 1], [0, 4]], "samples": []}}
(base / "output/data/evaluation.json").write_text(json.dumps(evaluation))
"""

Train = Callable[..., TrainedModel]


@pytest.fixture
def train(live: LiveAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Trains with a script of so many epochs that do nothing for so many seconds each."""
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    dataset = Dataset("d1", f"s3://{live.account.bucket}/datasets/d1/", ("a", "b"), {"train": 4, "valid": 4, "test": 8}, "created")
    files = {"model/__init__.py": tmp_path / "__init__.py", "model/train.py": tmp_path / "train.py"}
    files["model/__init__.py"].touch()
    monkeypatch.setattr("pedigree.training.jobs.package_files", lambda _package: files)

    def train(budget_usd: float | None, *, epochs: int, seconds: float, **settings: Any) -> TrainedModel:
        files["model/train.py"].write_text(SCRIPT.format(epochs=epochs, seconds=seconds))
        training = Training(image=IMAGE, instance_type="ml.m5.large", epochs=epochs, **settings)
        return train_model(live.account, dataset, training, budget_watch(live.account, training, budget_usd))

    return train


def plan(live: LiveAccount, training: Training, budget_usd: float | None = None) -> CostPlan:
    return plan_costs.fn(live.account, Mission(training=training, serving=SERVING, budget_usd=budget_usd), inspected())


def test_a_budget_of_one_dollar_refuses_four_gpu_instances_before_anything_is_created(live: LiveAccount) -> None:
    with pytest.raises(
        BudgetExceeded, match=r"may cost \$7\.42, and the budget is \$1\.00; the largest part is training, 4 x ml\.g4dn\.xlarge: \$5\.89"
    ):
        plan(live, Training(instance_type="ml.g4dn.xlarge", instance_count=4), 1.0)
    assert live.writes() == []


def test_without_a_price_only_a_budget_is_refused(live: LiveAccount) -> None:
    unpriced = Training(instance_type="ml.trn1.2xlarge")
    assert "price not known" in plan(live, unpriced).run[0].basis
    with pytest.raises(InvalidInput, match="price for training is not known"):
        plan(live, unpriced, 100.0)
    assert live.writes() == []


def test_a_plan_without_history_counts_on_all_the_time_a_job_may_take(live: LiveAccount) -> None:
    made = plan(live, Training(max_runtime_seconds=3600))
    assert [(line.hours, line.basis) for line in made.run[:2]] == [(1.0, "no similar job yet: all of max_runtime_seconds, 3600 s")] * 2
    assert made.prices_of == "table of 2026-09-28 for us-east-1"
    assert made.outcome == "passed"


def test_a_plan_counts_on_epochs_as_long_as_the_newest_ones(live: LiveAccount, train: Train) -> None:
    model = train(None, epochs=2, seconds=0)
    line = plan(live, Training(instance_type="ml.m5.large", epochs=50)).run[0]
    assert line.hours * 3600 == pytest.approx(50 * model.billable_seconds / 2)
    assert line.basis.startswith(f"50 epochs as in {model.job_name}, ")
    for other in ({"architecture": "resnet18"}, {"image_size": 128}, {"instance_type": "ml.m5.xlarge"}):
        assert "no similar job" in plan(live, Training(**({"instance_type": "ml.m5.large"} | other))).run[0].basis


def test_instances_are_compared_by_what_jobs_of_this_account_have_measured(live: LiveAccount, train: Train) -> None:
    dataset = Dataset("d2", "s3://bucket/datasets/d2/", ("a", "b"), {"train": 200_000, "valid": 4, "test": 8}, "created")
    training = Training(instance_type="ml.m5.large", epochs=6)
    before = compare_instances(live.account, dataset, training).markdown
    model = train(None, epochs=2, seconds=0)
    after = compare_instances(live.account, dataset, training).markdown
    assert "**No recommendation: no similar job has run in this account" in before
    assert re.match(r"\*\*ml\.m5\.large: the only measured type, about \$0\.1\d in 5\d min\.\*\*\n", after)
    assert f"measured by {model.job_name}" in after


def test_a_job_whose_forecast_passes_the_budget_is_stopped_and_not_started_again(live: LiveAccount, train: Train) -> None:
    twenty_seconds = 20 / 3600 * 0.12
    with pytest.raises(BudgetExceeded, match=r"of 200 epochs are done; all would cost .* the job was stopped\n.*budget_usd") as stopped:
        train(twenty_seconds, epochs=200, seconds=0.3)
    sagemaker = live.client("sagemaker")
    wait_until(lambda: sagemaker.describe_training_job(TrainingJobName=stopped.value.resource)["TrainingJobStatus"] == "Stopped")
    with pytest.raises(JobStopped, match="retry_failed"):
        train(twenty_seconds, epochs=200, seconds=0.3)
    assert live.writes().count("sagemaker:CreateTrainingJob") == 1


def test_the_budget_is_in_no_key(train: Train) -> None:
    first = train(100.0, epochs=2, seconds=0)
    assert (first.outcome, train(None, epochs=2, seconds=0).outcome, train(50.0, epochs=2, seconds=0).outcome) == (
        "created",
        "adopted",
        "adopted",
    )


def test_where_something_is_live_its_instances_and_an_evaluation_are_planned(live: LiveAccount) -> None:
    deploy_endpoint(live.account, registered(live), SERVING.model_copy(update={"initial_instance_count": 2}))
    made = plan(live, Training())
    assert [line.resource.split(",")[0] for line in made.run] == ["training", "training", "evaluation", "evaluation"]
    assert made.run[2].basis == "no evaluation on this instance type yet: as long as the training at most"
    assert (made.month[0].resource, made.month[0].basis.split(";")[0]) == ("endpoint, 2 x ml.m5.large", "as many as now")

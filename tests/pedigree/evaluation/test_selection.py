"""Which trainings a run has, and which of their models goes on."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from pedigree.cost.receipt import share_out
from pedigree.evaluation.selection import Selection, select_model
from pedigree.settings import Ec2, Training
from pedigree.trained_model import Evaluation, TrainedModel
from pedigree.training.ec2.launch import on_one_instance
from pedigree.training.ways import training_stages, ways_of
from pedigree.values import CostLine, CostPlan, Dataset
from tests.lab.keys import key_of_training
from tests.lab.report_records import CLASSES, trained_model

ONE, SEVERAL = "training on one instance", "training"
DATASET = Dataset("d1", "s3://bucket/datasets/d1/", CLASSES, {"train": 160, "valid": 200, "test": 40}, "created")
PLAN = CostPlan(
    run=(CostLine(SEVERAL + ", 2 x ml.big", 2.0, 0.3, ""), CostLine(ONE + ", 1 x ml.big", 1.0, 0.4, "")), month=(), by_hand=(), prices_of=""
)
UNPRICED = replace(PLAN, run=tuple(replace(line, usd_per_hour=0.0) for line in PLAN.run))


def model(valid_accuracy: float, *, instances: int, seconds: int, valid_loss: float = 0.1, test: int = 20) -> TrainedModel:
    """`test` of its 40 test images are right."""
    history = [
        {"epoch": 1, "valid_loss": valid_loss, "valid_accuracy": valid_accuracy},
        {"epoch": 2, "valid_loss": valid_loss + 1, "valid_accuracy": 1.0},  # not the epoch that was kept
    ]
    evaluation = Evaluation(CLASSES, [[test, 40 - test], [0, 0]], [])
    return replace(trained_model(), history=history, evaluation=evaluation, instances=instances, billable_seconds=seconds)


def choose(several: TrainedModel, one: TrainedModel, plan: CostPlan = PLAN) -> Selection:
    return select_model({SEVERAL: several, ONE: one}, DATASET, plan)


def test_a_run_has_one_training_unless_it_is_to_compare() -> None:
    assert training_stages(Training(instance_count=3), Ec2()) == ("training",)
    assert training_stages(Training(instance_count=3, compare=True), Ec2()) == (SEVERAL, ONE, "selection")
    assert training_stages(Training(), Ec2(enabled=True)) == ("training", "training on EC2", "selection")
    with pytest.raises(ValidationError, match="set instance_count to 2 or more"):
        Training(compare=True)


def test_each_has_the_key_that_it_has_without_the_other() -> None:
    ways = ways_of(Training(instance_count=3, compare=True), Ec2(enabled=True))
    several, one, on_ec2 = (key_of_training("d1", "c0de", way.training) for way in ways)
    assert several == key_of_training("d1", "c0de", Training(instance_count=3))
    assert one == key_of_training("d1", "c0de", Training())
    assert on_ec2 == key_of_training("d1", "c0de", on_one_instance(Training(), Ec2()))


def test_what_is_better_beyond_noise_is_taken_whatever_it_costs() -> None:
    chosen = choose(model(0.95, instances=2, seconds=5000), model(0.85, instances=1, seconds=60))
    assert (chosen.stage, chosen.reason) == (SEVERAL, "95.0% on the 200 validation images is the best by more than one standard error")


def test_within_noise_the_cheaper_is_taken() -> None:
    chosen = choose(model(0.95, instances=2, seconds=600), model(0.94, instances=1, seconds=700))
    assert chosen.stage == ONE
    assert chosen.reason == "94.0% on the 200 validation images is within one standard error of the best, 95.0%, and costs least"
    assert choose(model(0.94, instances=2, seconds=600), model(0.95, instances=1, seconds=1300)).stage == SEVERAL
    best = choose(model(0.94, instances=2, seconds=600), model(0.95, instances=1, seconds=700))
    assert best.reason == "95.0% on the 200 validation images is the best, and nothing within one standard error of it costs less"


def test_without_prices_fewer_instance_seconds_count_as_cheaper() -> None:
    assert choose(model(0.94, instances=2, seconds=600), model(0.94, instances=1, seconds=1100), UNPRICED).stage == ONE
    assert choose(model(0.94, instances=2, seconds=600), model(0.94, instances=1, seconds=1300), UNPRICED).stage == SEVERAL


def test_of_equally_good_and_cheap_ones_the_lower_loss_is_taken() -> None:
    cheap = replace(PLAN, run=(replace(PLAN.run[0], usd_per_hour=1.0), PLAN.run[1]))
    several, one = model(0.9, instances=1, seconds=60, valid_loss=0.2), model(0.9, instances=1, seconds=60, valid_loss=0.3)
    assert choose(several, one, cheap).stage == SEVERAL
    assert choose(one, several, cheap).stage == ONE


def test_the_test_split_has_no_say() -> None:
    several, one = model(0.95, instances=2, seconds=600), model(0.94, instances=1, seconds=700)
    for right in (0, 40):
        other = replace(several, evaluation=model(0.9, instances=1, seconds=1, test=right).evaluation)
        assert choose(other, one).stage == choose(several, one).stage == ONE


def test_a_budget_is_shared_out_as_the_trainings_are_expected_to_cost() -> None:
    assert share_out(3.0, (SEVERAL, ONE), PLAN) == {SEVERAL: pytest.approx(1.8), ONE: pytest.approx(1.2)}
    assert share_out(None, (SEVERAL, ONE), UNPRICED) == {SEVERAL: None, ONE: None}

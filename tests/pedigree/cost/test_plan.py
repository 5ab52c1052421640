"""The lines of a plan, its refusal, and the receipt beside it, by hand-checked figures."""

import json
from dataclasses import replace
from typing import Any

import pytest
from prefect import flow
from prefect.artifacts import Artifact

from pedigree.aws.errors import BudgetExceeded
from pedigree.cost.history import Expected
from pedigree.cost.lines import Facts, plan_of, training_usd_per_hour
from pedigree.cost.page import plan_row
from pedigree.cost.plan import require_within
from pedigree.cost.receipt import AGAIN, receipt_of
from pedigree.prices.prices import read_table
from pedigree.settings import Ec2, Mission, Training
from pedigree.training.ways import ways_of
from pedigree.values import Account, CostLine, CostPlan
from tasks.cost import show_plan
from tests.lab.comparisons import evaluated
from tests.lab.report_records import trained_model

FRESH = Facts({"training": Expected(2.0, "all of max_runtime_seconds")}, Expected(0.5, "as the last one"), None, 0.0)
EVALUATED = {"evaluation, 1 x ml.g4dn.xlarge": 0.37, "evaluation, 1 x 30 GB of disk": 0.0}
LIVE = replace(FRESH, live_instances=2, stored_gb=4.0)
ACCOUNT = Account("block", "dogs", "us-east-1", "bucket", "arn", "arn", "arn", "arn")


def plan(facts: Facts = FRESH, **training: object) -> CostPlan:
    return plan_of(facts, read_table(), ways_of(Training(**training), Ec2()), Mission())


def costs(lines: tuple[CostLine, ...]) -> dict[str, float]:
    return {line.resource: round(line.usd, 2) for line in lines}


def test_a_run_costs_its_training_with_the_disk() -> None:
    assert costs(plan().run[:2]) == {"training, 1 x ml.g4dn.xlarge": 1.47, "training, 1 x 30 GB of disk": 0.01}


def test_each_instance_is_paid_for() -> None:
    assert costs(plan(instance_count=4).run[:2]) == {"training, 4 x ml.g4dn.xlarge": 5.89, "training, 4 x 30 GB of disk": 0.05}


def test_trainings_side_by_side_have_lines_and_a_receipt_of_their_own() -> None:
    ways = ways_of(Training(instance_count=2, compare=True), Ec2(enabled=True))
    times = {way.stage: Expected(float(hours), "") for hours, way in enumerate(ways, start=1)}
    made = plan_of(replace(FRESH, trainings=times), read_table(), ways, Mission())
    assert costs(made.run[::2]) == {
        "training, 2 x ml.g4dn.xlarge": 1.47,
        "training on one instance, 1 x ml.g4dn.xlarge": 1.47,
        "training on EC2, 1 x m5.xlarge": 0.58,
        "evaluation, 1 x ml.g4dn.xlarge": 0.37,
    }
    receipt = receipt_of(made, {"training on one instance": replace(trained_model(), billable_seconds=1800)})
    assert costs(receipt[::2]) == {**dict.fromkeys(costs(made.run[::2]), 0.0), "training on one instance, 1 x ml.g4dn.xlarge": 0.37}


def test_by_hand_each_of_four_takes_as_long_as_one_alone_within_the_time_it_is_allowed() -> None:
    by_hand = [plan(replace(FRESH, trainings={"training": Expected(hours, "")}), instance_count=2).by_hand[1] for hours in (0.25, 2.0)]
    assert [line.hours for line in by_hand] == [0.5, 2.0]
    assert by_hand[0].usd == pytest.approx(4 * 0.5 * 0.736)


@pytest.mark.parametrize("facts", [FRESH, LIVE])
def test_the_evaluation_is_paid_for_whether_something_is_live_or_not(facts: Facts) -> None:
    assert costs(plan(facts).run[2:]) == EVALUATED


def test_a_training_that_ran_elsewhere_is_billed_at_the_price_of_there() -> None:
    made = plan(fallback_instance_types=("ml.m5.xlarge", "ml.trn1.2xlarge"))
    prices = [bill(made, instance_type=name, billable_seconds=3600)[0] for name in ("ml.g4dn.xlarge", "ml.m5.xlarge", "ml.trn1.2xlarge")]
    assert [(line.resource, line.usd) for line in prices] == [
        ("training, 1 x ml.g4dn.xlarge", 0.736),
        ("training, 1 x ml.m5.xlarge", 0.23),
        ("training, 1 x ml.trn1.2xlarge", 0.0),
    ]
    assert bill(made, instance_type="ml.m5.xlarge")[1].resource == "training, 1 x 30 GB of disk"


def test_the_receipt_says_what_spot_instances_saved() -> None:
    line = bill(plan(spot=True), spot=True, training_seconds=200, billable_seconds=60)[0]
    assert line.basis == "60 s billed for pedigree-train-1f3870be274f6c49, 70% less than its 3 min of training, on spot instances"
    assert line.usd == pytest.approx(60 / 3600 * 0.736)


def bill(made: CostPlan, **model: object) -> tuple[CostLine, ...]:
    changes: dict[str, Any] = model
    return receipt_of(made, {"training": replace(trained_model(), **changes)})


def test_what_stands_costs_a_month_of_730_hours() -> None:
    month = plan(LIVE).month
    assert costs(month) == {
        "endpoint, 2 x ml.m5.large": 167.9,
        "provisioned concurrency, 3 x 256 MB": 8.21,
        "alarms, 12": 1.2,
        "bucket, 4.0 GB": 0.09,
    }
    assert month[0].basis == "as many as now; autoscaling keeps 1 to 3, $83.95 to $251.85"
    assert "endpoint, 1 x ml.m5.large" in costs(plan().month)


def test_by_hand_notebook_four_trainings_and_an_idle_endpoint_are_paid_for() -> None:
    assert costs(plan().by_hand) == {"notebook, ml.t3.medium": 36.5, "training, 4 x ml.g4dn.xlarge": 5.89, "endpoint, ml.m5.large": 83.95}


def test_a_run_over_the_budget_is_refused_with_the_figures() -> None:
    require_within(plan(), "pedigree", 1.86)
    with pytest.raises(BudgetExceeded) as refused:
        require_within(plan(), "pedigree", 1.50)
    assert str(refused.value) == (
        "plan costs: pedigree: this run may cost $1.85, and the budget is $1.50; the largest part is training, 1 x ml.g4dn.xlarge: $1.47"
        " (all of max_runtime_seconds)\n"
        "What to do: raise budget_usd, or lower max_runtime_seconds, epochs, the instances or their type; nothing was created"
    )


def test_a_price_that_is_not_known_is_said_and_stops_nothing() -> None:
    unknown = plan(instance_type="ml.trn1.2xlarge")
    assert unknown.run[0].usd == 0
    assert unknown.run[0].basis == "price not known; all of max_runtime_seconds"
    assert unknown.resource.startswith("more than $0.01, then")
    assert (plan_row("this run", unknown.run[0])["An hour"], plan_row("this run", unknown.run[0])["Cost"]) == ("not known", "not known")


def test_the_artifact_shows_cents() -> None:
    assert plan_row("this run", plan().run[0]) == {
        "When": "this run",
        "What": "training, 1 x ml.g4dn.xlarge",
        "An hour": "$0.736",
        "Hours": "2",
        "Cost": "$1.47",
        "Basis": "all of max_runtime_seconds",
    }


def test_the_plan_is_an_artifact_of_its_flow_run(prefect_server: None) -> None:
    @flow
    def planned() -> None:
        show_plan(ACCOUNT, plan())

    planned()
    found: Any = Artifact.get("dogs-cost-plan")
    assert found.description == "$1.85, then $93.36 a month; prices: table of 2026-09-28 for us-east-1"
    assert [entry["When"] for entry in json.loads(found.data)] == ["this run"] * 4 + ["each month"] * 3 + ["by hand"] * 3


def test_outside_of_a_flow_run_there_is_no_artifact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("tasks.runs.artifacts.create_table_artifact")
    show_plan(ACCOUNT, plan())


def test_an_hour_of_training_is_what_the_plan_says() -> None:
    per_hour = sum(line.usd_per_hour for line in plan().run if line.stage == "training")
    assert training_usd_per_hour(read_table(), Training()) == pytest.approx(per_hour)


def test_the_receipt_has_the_seconds_that_were_billed() -> None:
    compared = evaluated(billable_seconds=360)
    receipt = receipt_of(plan(LIVE), {"training": replace(trained_model(), billable_seconds=1800), "comparison": compared})
    assert costs(receipt) == {
        "training, 1 x ml.g4dn.xlarge": 0.37,
        "training, 1 x 30 GB of disk": 0.0,
        "evaluation, 1 x ml.g4dn.xlarge": 0.07,
        "evaluation, 1 x 30 GB of disk": 0.0,
    }
    assert receipt[0].basis == "30 min billed for pedigree-train-1f3870be274f6c49"


def test_what_was_adopted_or_not_reached_cost_nothing_this_time() -> None:
    adopted = {"training": replace(trained_model(), outcome="adopted"), "comparison": evaluated(outcome="adopted")}
    receipt = receipt_of(plan(LIVE), adopted)
    assert sum(line.usd for line in receipt) == 0
    assert receipt[0].basis == "pedigree-train-1f3870be274f6c49 was adopted"
    assert receipt[2].basis == "pedigree-evaluate-77 was adopted"
    assert "did not complete" in receipt_of(plan(), {})[0].basis


def test_a_second_comparison_is_on_the_receipt_where_it_ran_a_job() -> None:
    values = {"comparison": evaluated(billable_seconds=360), AGAIN: evaluated(outcome="skipped")}
    assert len(receipt_of(plan(), values)) == len(plan().run)
    ran = receipt_of(plan(), {**values, AGAIN: evaluated(billable_seconds=720)})
    assert costs(ran)["second evaluation, 1 x ml.g4dn.xlarge"] == 0.15
    assert {line.stage for line in ran} == {"training", "comparison", AGAIN}

"""The report of a record: complete, and honest about what was not reached."""

from dataclasses import replace

import pytest

from pedigree.report.record import Record
from pedigree.report.report import Approval, Mistake, Prediction, Report, StageReport
from pedigree.report.summary import summarize
from tests.lab.comparisons import evaluated
from tests.lab.report_records import ARN, CHAMPION, PACKAGE, STAGES, complete_record, failed_record, refused_record, stage_values

AFTER_THE_GATE = ("model_package", "endpoint", "autoscaling", "function", "smoke_test")


def stages_of(report: Report) -> dict[str, StageReport]:
    return {stage.name: stage for stage in report.stages}


def test_a_complete_run_has_every_part() -> None:
    report, given = summarize(complete_record()), stage_values()
    assert report.status == "Completed"
    assert [(training.job_name, training.key, training.billable_seconds, training.chosen) for training in report.trainings] == [
        ("pedigree-train-1f3870be274f6c49", "1f3870be274f6c49", 61, True)
    ]
    assert (report.dataset, report.model_package, report.endpoint) == (given["dataset"], given["registry"], given["endpoint"])
    assert (report.autoscaling, report.function) == (given["autoscaling"], given["function"])
    assert report.smoke_test
    assert report.smoke_test.passed
    assert report.smoke_test.predictions == (Prediction("golden/0.jpg", "001.Rings", "001.Rings", 0.97, 41.2),)


def test_stages_are_listed_in_their_order_with_outcome_and_resource() -> None:
    stages = summarize(complete_record()).stages
    assert [stage.name for stage in stages] == list(STAGES)
    assert stages[2] == StageReport(
        name="dataset",
        status="completed",
        outcome="adopted",
        seconds=1.25,
        attempts=1,
        billable_seconds=None,
        cost_usd=None,
        resource="s3://bucket/datasets/da7a5e7dd16e57aa/",
        link=None,
        message=None,
    )


def test_what_was_billed_has_its_seconds_and_its_cost() -> None:
    stages = stages_of(summarize(complete_record()))
    assert (stages["training"].billable_seconds, stages["comparison"].billable_seconds) == (61, 36)
    assert stages["training"].cost_usd == pytest.approx(1.22)
    assert stages["comparison"].cost_usd == pytest.approx(0.36)
    assert [name for name, stage in stages.items() if stage.cost_usd is not None] == ["training", "comparison"]


def test_cost_of_a_stage_is_not_guessed_where_its_price_is_not_known() -> None:
    record = complete_record()
    plan = record.values["plan"]
    record.values["plan"] = replace(plan, run=tuple(replace(line, usd_per_hour=0.0) for line in plan.run))
    assert {stage.cost_usd for stage in summarize(record).stages} == {None}


def test_what_was_adopted_cost_nothing_this_time() -> None:
    record = complete_record()
    record.values["training"] = replace(record.values["training"], outcome="adopted")
    assert stages_of(summarize(record))["training"].cost_usd == 0


def test_links_lead_to_the_console_of_the_region() -> None:
    stages = stages_of(summarize(complete_record(), region="eu-west-1"))
    assert stages["endpoint"].link == "https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/endpoints/pedigree"
    assert [name for name, stage in stages.items() if stage.link is None] == ["inspect", "plan", "gate", "registry", "smoke test"]


def test_comparison_has_the_difference_and_its_interval() -> None:
    comparison = summarize(complete_record()).comparison
    assert comparison
    assert comparison.champion == CHAMPION
    assert (comparison.images, comparison.candidate_correct, comparison.champion_correct) == (40, 37, 34)
    assert (comparison.gained, comparison.lost, comparison.difference) == (5, 2, 3 / 40)
    assert comparison.interval == pytest.approx((-0.0733, 0.1621), abs=1e-4)


def test_without_a_champion_there_is_no_difference() -> None:
    record = complete_record()
    record.values["comparison"] = evaluated()
    report = summarize(record)
    assert report.comparison
    assert (report.comparison.champion, report.comparison.difference, report.comparison.interval) == (None, None, None)
    stage = stages_of(report)["comparison"]
    assert (stage.billable_seconds, stage.cost_usd) == (None, None)


def test_cost_has_the_receipt_beside_the_plan() -> None:
    cost = summarize(complete_record()).cost
    assert cost
    assert [line.usd for line in cost.run] == pytest.approx([7.2, 0.36])
    assert [line.usd for line in cost.receipt] == pytest.approx([1.22, 0.36])
    assert [cost.planned_usd, cost.billed_usd] == pytest.approx([7.56, 1.58])
    assert [cost.month_usd, cost.by_hand_usd, cost.first_month_usd] == pytest.approx([73, 36.5, 80.56])


def test_approval_names_who_approved_and_the_run_that_registered() -> None:
    approval = Approval("Approved", "Ada", "Ada: it knows its boxers", "b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11")
    assert summarize(complete_record(), package=PACKAGE).approval == approval


def test_metrics_carry_the_baseline_and_the_interval_of_the_accuracy() -> None:
    metrics = summarize(complete_record()).metrics
    assert metrics
    assert (metrics.correct, metrics.images, metrics.accuracy, metrics.baseline) == (37, 40, 0.925, 0.5)
    assert metrics.interval == pytest.approx((0.7961, 0.9843), abs=1e-4)
    assert metrics.epochs == 3
    assert metrics.mistakes == (Mistake("002.Stripes", "001.Rings", 2), Mistake("001.Rings", "002.Stripes", 1))
    assert [(recall.name, recall.share) for recall in metrics.recalls] == [("002.Stripes", 0.9), ("001.Rings", 0.95)]


def test_parts_after_the_failed_stage_are_none() -> None:
    report = summarize(failed_record("gate", "GateRefused: accuracy 92.5% is below 95%"))
    assert report.status == "Failed"
    assert report.metrics
    assert report.metrics.accuracy == 0.925
    assert [getattr(report, part) for part in AFTER_THE_GATE] == [None] * 5
    assert report.stages[5].message == "GateRefused: accuracy 92.5% is below 95%"
    assert report.stages[6].status == "not reached"


def test_a_refused_model_is_not_a_failed_run() -> None:
    report = summarize(refused_record("GateRefused: accuracy 92.5% is below 95%"))
    assert (report.status, report.stages[5].status) == ("Refused", "refused")


def test_a_flow_with_other_stages_has_the_same_report() -> None:
    record, given = Record("c0ffee", ("approval", "endpoint")), stage_values()
    record.values = {"approval": given["registry"], "endpoint": given["endpoint"]}
    report = summarize(record)
    assert report.model_package
    assert (report.model_package.arn, report.endpoint) == (ARN, given["endpoint"])
    assert (report.dataset, report.metrics, report.comparison, report.cost, report.function) == (None,) * 5
    assert report.trainings == ()

"""The JSON report: complete, and honest about what was not reached."""

import json
from dataclasses import replace

import pytest

from pedigree.report.record import Record
from pedigree.report.summary import summarize
from pedigree.values import Comparison
from tests.lab.report_records import ARN, CHAMPION, PACKAGE, STAGES, URL, complete_record, failed_record, refused_record, stage_values


def test_summary_of_a_complete_run_has_every_part() -> None:
    summary = summarize(complete_record())
    assert summary["status"] == "Completed"
    assert summary["keys"] == {
        "dataset": "da7a5e7dd16e57aa",
        "training": "1f3870be274f6c49",
        "model": "9a3cage1f3870be2",
        "function": "f00d5b27cf1f83d2",
    }
    assert summary["dataset"]["digest"] == "da7a5e7dd16e57aa"
    assert [(training["job"], training["billable_seconds"], training["chosen"]) for training in summary["training"]] == [
        ("pedigree-train-1f3870be274f6c49", 61, True)
    ]
    assert summary["model_package_arn"] == ARN
    assert summary["endpoint"] == {"name": "pedigree", "config": "pedigree-config-77aa", "model": "pedigree-model-55bb"}
    rule = "target 3 invocations per instance"
    alarms = ["alarm-high", "alarm-low"]
    assert summary["autoscaling"] == {"min": 1, "max": 3, "target": 3.0, "rule": rule, "schedules": [], "alarms": alarms}
    published = {"name": "pedigree", "version": "4", "alias": "live", "reserved": 5, "provisioned": 3, "most_provisioned": 4, "url": URL}
    assert summary["function"] == published
    assert summary["smoke_test"]["passed"] is True
    assert summary["smoke_test"]["predictions"][0]["predicted"] == "001.Rings"


def test_stages_are_listed_in_their_order_with_outcome_and_resource() -> None:
    stages = summarize(complete_record())["stages"]
    assert [stage["name"] for stage in stages] == list(STAGES)
    assert stages[1] == {
        "name": "dataset",
        "status": "completed",
        "outcome": "adopted",
        "seconds": 1.25,
        "attempts": 1,
        "billable_seconds": None,
        "cost_usd": None,
        "resource": "s3://bucket/datasets/da7a5e7dd16e57aa/",
        "link": None,
        "message": None,
    }


def test_what_was_billed_has_its_seconds_and_its_cost() -> None:
    stages = {stage["name"]: stage for stage in summarize(complete_record())["stages"]}
    assert (stages["training"]["billable_seconds"], stages["comparison"]["billable_seconds"]) == (61, 36)
    assert stages["training"]["cost_usd"] == pytest.approx(1.22)
    assert stages["comparison"]["cost_usd"] == pytest.approx(0.36)
    assert [name for name, stage in stages.items() if stage["cost_usd"] is not None] == ["training", "comparison"]


def test_cost_of_a_stage_is_not_guessed_where_its_price_is_not_known() -> None:
    record = complete_record()
    plan = record.values["plan"]
    record.values["plan"] = replace(plan, run=tuple(replace(line, usd_per_hour=0.0) for line in plan.run))
    assert {stage["cost_usd"] for stage in summarize(record)["stages"]} == {None}


def test_what_was_adopted_cost_nothing_this_time() -> None:
    record = complete_record()
    record.values["training"] = replace(record.values["training"], outcome="adopted")
    assert [stage["cost_usd"] for stage in summarize(record)["stages"] if stage["name"] == "training"] == [0]


def test_links_lead_to_the_console_of_the_region() -> None:
    stages = {stage["name"]: stage["link"] for stage in summarize(complete_record(), region="eu-west-1")["stages"]}
    assert stages["endpoint"] == "https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/endpoints/pedigree"
    assert [name for name, link in stages.items() if link is None] == ["plan", "gate", "registry", "smoke test"]


def test_comparison_has_the_difference_and_its_interval() -> None:
    comparison = summarize(complete_record())["comparison"]
    assert comparison["champion"]["training_job"] == CHAMPION.training_job
    assert (comparison["images"], comparison["candidate_correct"], comparison["champion_correct"]) == (40, 37, 34)
    assert (comparison["gained"], comparison["lost"], comparison["difference"]) == (5, 2, 3 / 40)
    assert comparison["interval"] == pytest.approx([-0.0733, 0.1621], abs=1e-4)


def test_without_a_champion_there_is_no_difference() -> None:
    record = complete_record()
    record.values["comparison"] = Comparison(None, "skipped")
    comparison = summarize(record)["comparison"]
    assert (comparison["champion"], comparison["difference"], comparison["interval"]) == (None, None, None)
    (stage,) = (stage for stage in summarize(record)["stages"] if stage["name"] == "comparison")
    assert (stage["billable_seconds"], stage["cost_usd"]) == (None, None)


def test_cost_has_the_receipt_beside_the_plan() -> None:
    cost = summarize(complete_record())["cost"]
    assert [line["usd"] for line in cost["run"]] == pytest.approx([7.2, 0.36])
    assert [line["usd"] for line in cost["receipt"]] == pytest.approx([1.22, 0.36])
    assert (cost["planned_usd"], cost["billed_usd"]) == (pytest.approx(7.56), pytest.approx(1.58))
    assert (cost["month_usd"], cost["by_hand_usd"]) == (pytest.approx(73), pytest.approx(36.5))


def test_approval_names_who_approved_and_the_run_that_registered() -> None:
    assert summarize(complete_record(), package=PACKAGE)["approval"] == {
        "status": "Approved",
        "approver": "Ada",
        "reason": "Ada: it knows its boxers",
        "flow_run_id": "b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11",
    }


def test_metrics_carry_the_interval_of_the_accuracy() -> None:
    metrics = summarize(complete_record())["metrics"]
    assert (metrics["correct"], metrics["images"], metrics["accuracy"], metrics["chance"]) == (37, 40, 0.925, 0.5)
    assert metrics["interval"] == pytest.approx([0.7961, 0.9843], abs=1e-4)
    assert metrics["epochs"] == 3
    assert metrics["mistakes"] == [{"mistake": "Stripes → Rings", "images": 2}, {"mistake": "Rings → Stripes", "images": 1}]


def test_parts_after_the_failed_stage_are_null() -> None:
    summary = summarize(failed_record("gate", "GateRefused: accuracy 92.5% is below 95%"))
    assert summary["status"] == "Failed"
    assert summary["metrics"]["accuracy"] == 0.925
    for part in ("model_package_arn", "endpoint", "autoscaling", "function", "smoke_test"):
        assert summary[part] is None
    assert summary["keys"]["model"] is None
    assert summary["stages"][4]["message"] == "GateRefused: accuracy 92.5% is below 95%"
    assert summary["stages"][5]["status"] == "not reached"


def test_a_refused_model_is_not_a_failed_run() -> None:
    summary = summarize(refused_record("GateRefused: accuracy 92.5% is below 95%"))
    assert (summary["status"], summary["stages"][4]["status"]) == ("Refused", "refused")


def test_a_flow_with_other_stages_has_the_same_report() -> None:
    record = Record("c0ffee", ("approval", "endpoint"))
    record.values = {"approval": stage_values()["registry"], "endpoint": stage_values()["endpoint"]}
    summary = summarize(record)
    assert (summary["model_package_arn"], summary["endpoint"]["name"], summary["keys"]["model"]) == (ARN, "pedigree", "9a3cage1f3870be2")
    assert [summary[part] for part in ("dataset", "metrics", "comparison", "cost", "function")] == [None] * 5
    assert summary["training"] == []


@pytest.mark.parametrize("stage", STAGES)
def test_summary_is_json_wherever_the_run_ended(stage: str) -> None:
    summary = summarize(failed_record(stage, "Error: it broke"))
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary

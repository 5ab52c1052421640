"""The JSON report: complete, and honest about what was not reached."""

import json

import pytest

from tasks.report.summary import summarize
from tests.tasks.report_records import ARN, STAGES, complete_record, failed_record


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
    assert summary["training"]["job_name"] == "pedigree-train-1f3870be274f6c49"
    assert summary["training"]["billable_seconds"] == 61
    assert summary["model_package_arn"] == ARN
    assert summary["endpoint"] == {"name": "pedigree", "config": "pedigree-config-77aa", "model": "pedigree-model-55bb"}
    assert summary["autoscaling"] == {"min": 1, "max": 3, "target": 3.0, "alarms": ["alarm-high", "alarm-low"]}
    assert summary["function"] == {"name": "pedigree", "version": "4", "alias": "live", "reserved": 5, "provisioned": 3}
    assert summary["smoke_test"]["passed"] is True
    assert summary["smoke_test"]["predictions"][0]["predicted"] == "001.Rings"


def test_stages_are_listed_in_their_order_with_outcome_and_resource() -> None:
    stages = summarize(complete_record())["stages"]
    assert [stage["name"] for stage in stages] == list(STAGES)
    assert stages[0] == {
        "name": "dataset",
        "status": "completed",
        "outcome": "adopted",
        "seconds": 1.25,
        "resource": "s3://bucket/datasets/da7a5e7dd16e57aa/",
        "message": None,
    }


def test_metrics_carry_the_interval_of_the_accuracy() -> None:
    metrics = summarize(complete_record())["metrics"]
    assert (metrics["correct"], metrics["images"], metrics["accuracy"], metrics["chance"]) == (37, 40, 0.925, 0.5)
    assert metrics["interval"] == pytest.approx([0.7961, 0.9843], abs=1e-4)
    assert metrics["epochs"] == 3


def test_parts_after_the_failed_stage_are_null() -> None:
    summary = summarize(failed_record("gate", "GateRefused: accuracy 92.5% is below 95%"))
    assert summary["status"] == "Failed"
    assert summary["metrics"]["accuracy"] == 0.925
    for part in ("model_package_arn", "endpoint", "autoscaling", "function", "smoke_test"):
        assert summary[part] is None
    assert summary["keys"]["model"] is None
    assert summary["stages"][2]["message"] == "GateRefused: accuracy 92.5% is below 95%"
    assert summary["stages"][3]["status"] == "not reached"


@pytest.mark.parametrize("stage", STAGES)
def test_summary_is_json_wherever_the_run_ended(stage: str) -> None:
    summary = summarize(failed_record(stage, "Error: it broke"))
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary

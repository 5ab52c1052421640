"""The report in the terminal says what happened at every stage, and leaves out what was not reached."""

import io
from typing import Any

import pytest
from rich.console import Console

from deployments.laptop.terminal_report import render

STAGES = ["dataset", "training", "endpoint"]


def stage(name: str, status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"name": name, "status": status, "outcome": None, "seconds": None, "resource": None, "message": None} | fields


@pytest.fixture
def report() -> dict[str, Any]:
    return {
        "stages": [stage("dataset", outcome="adopted", seconds=0.42, resource="s3://bucket/datasets/1"), stage("training", seconds=61.7)],
        "dataset": {"classes": ["a", "b"], "counts": {"train": 960, "valid": 240, "test": 240}, "digest": "1"},
        "metrics": {"accuracy": 0.9417, "chance": 0.125},
        "model_package_arn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/1",
        "endpoint": {"name": "pedigree", "config": "pedigree-config-1"},
        "function": {"name": "pedigree", "version": "4", "alias": "live", "reserved": 5, "provisioned": 3},
        "autoscaling": {"min": 1, "max": 3, "target": 3.0},
        "smoke_test": {"passed": True, "predictions": [{}, {}]},
    }


def printed(report: dict[str, Any]) -> str:
    output = io.StringIO()
    Console(file=output, width=140).print(render(report))
    return output.getvalue()


def test_stages_show_outcome_seconds_and_resource(report: dict[str, Any]) -> None:
    lines = printed(report).splitlines()
    assert lines[1].split() == ["dataset", "adopted", "0.4", "s3://bucket/datasets/1"]
    assert lines[2].split() == ["training", "completed", "61.7"]


@pytest.mark.parametrize(
    "fact",
    [
        "2 classes, 960 train, 240 valid, 240 test",
        "94.2% on the test split (chance 12.5%)",
        "model-package/pedigree/1",
        "pedigree, config pedigree-config-1",
        "1 to 3 instances, target 3 invocations per instance",
        "pedigree:live, version 4, concurrency reserved 5, provisioned 3",
        "passed, 2 predictions",
    ],
)
def test_facts_are_named(report: dict[str, Any], fact: str) -> None:
    assert fact in printed(report)


def test_a_failed_run_shows_the_message_and_nothing_of_what_was_not_reached(report: dict[str, Any]) -> None:
    failed = stage("training", "failed", seconds=3.0, message="the script ended with status 1\nValueError: [no] classes")
    unreached = dict.fromkeys(["metrics", "model_package_arn", "endpoint", "function", "autoscaling", "smoke_test"])
    page = printed(report | unreached | {"stages": [stage("dataset"), failed, stage("endpoint", "not reached")]})
    assert "training failed\nthe script ended with status 1\nValueError: [no] classes" in page
    assert "accuracy" not in page
    assert "not reached" in page

"""What a person sees before deciding, and what is said where the report is gone."""

import json
from typing import Any

import pytest

from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import FLOW_RUN
from pedigree.registry.versions import decide_on_model, register_model
from pedigree.report.approval import decision_page, describe_for_approval
from pedigree.report.record import Record
from pedigree.report.report import to_json
from pedigree.report.summary import summarize
from pedigree.values import ModelVersion
from tests.lab.comparisons import evaluated
from tests.lab.live_account import LiveAccount
from tests.lab.report_records import ARN, complete_record
from tests.lab.small_models import SERVING, candidate, trained

PACKAGE = {"ModelPackageArn": ARN, "ModelApprovalStatus": "PendingManualApproval"}
MARKDOWN = "s3://bucket/runs/b1946ac9/report.md"


def no_ui(_run: str) -> None: ...


def page(record: Record) -> str:
    return decision_page(summarize(record), PACKAGE, f"`{MARKDOWN}`")


def test_a_person_reads_accuracy_champion_mistakes_and_cost() -> None:
    text = page(complete_record())
    assert text.startswith("### `pedigree/3` waits for your decision\n")
    assert "**Accuracy 92.5%** on the test split: 37 of 40 images right, 95% interval 79.6% to 98.4%" in text
    assert "**+7.5% against the champion** `pedigree-train-0ld` on the same 40 images" in text
    assert "| Stripes → Rings | 2 |\n| Rings → Stripes | 1 |" in text
    assert "Its run cost $1.58; when it is live, all its resources cost $73.00 a month." in text
    assert text.endswith(f"`{MARKDOWN}`")


def test_without_a_champion_that_is_said() -> None:
    record = complete_record()
    record.values["comparison"] = evaluated()
    assert "No model was live for a comparison." in page(record)


def test_an_earlier_decision_is_said() -> None:
    text = decision_page(summarize(complete_record()), {**PACKAGE, "ModelApprovalStatus": "Rejected"}, MARKDOWN)
    assert text.startswith("### `pedigree/3` was rejected before\n")


def waiting(live: LiveAccount) -> ModelVersion:
    return register_model(live.account, candidate(live, trained(live)), SERVING, wait_for_approval=True)


def registered_with(live: LiveAccount, report: dict[str, Any]) -> ModelVersion:
    """A version that waits, of a run that left this report."""
    version = waiting(live)
    metadata = {**live.client("sagemaker").describe_model_package(ModelPackageName=version.arn)["CustomerMetadataProperties"]}
    live.client("sagemaker").update_model_package(
        ModelPackageArn=version.arn, CustomerMetadataProperties={**metadata, FLOW_RUN: "5ca1ab1e"}
    )
    live.put("runs/5ca1ab1e/report.json", json.dumps(report).encode())
    return version


def test_the_report_is_that_of_the_run_that_registered_the_model(live: LiveAccount) -> None:
    version = registered_with(live, to_json(summarize(complete_record())))
    text = describe_for_approval(live.account, version.arn, no_ui)
    assert "**Accuracy 92.5%**" in text
    assert f"`s3://{live.account.bucket}/runs/5ca1ab1e/report.md`" in text


def test_a_report_of_an_older_version_says_so_and_the_person_still_decides(live: LiveAccount) -> None:
    version = registered_with(live, {"flow_run_id": "5ca1ab1e", "metrics": {"accuracy": 0.9, "chance": 0.5}})
    text = describe_for_approval(live.account, version.arn, lambda run: f"http://ui/{run}")
    assert text.startswith(f"### `{live.account.project}/1` waits for your decision\n")
    assert "report.json has version 1, and this release of pedigree reads version 3. The description of its model package: `" in text
    assert "accuracy 95.0% (75.1% to 99.9%), baseline 50.0%, 20 test images" in text
    assert text.endswith(f"[the run that registered it](http://ui/5ca1ab1e), `s3://{live.account.bucket}/runs/5ca1ab1e/report.md`")
    assert decide_on_model(live.account, version.arn, approved=True, approver="Ada", reason="").approved


def test_without_a_report_the_form_says_what_the_package_knows(live: LiveAccount) -> None:
    version = waiting(live)
    text = describe_for_approval(live.account, version.arn, no_ui)
    assert "waits for your decision" in text
    assert f"does not exist (`s3://{live.account.bucket}/runs/none/report.json`)" in text
    assert "accuracy 95.0% (75.1% to 99.9%), baseline 50.0%, 20 test images" in text
    decide_on_model(live.account, version.arn, approved=True, approver="Ada", reason="")
    assert "is approved already" in describe_for_approval(live.account, version.arn, no_ui)


def test_what_is_no_package_of_the_project_is_refused(live: LiveAccount) -> None:
    with pytest.raises(InvalidInput, match="no model package of the project"):
        describe_for_approval(live.account, ARN, no_ui)

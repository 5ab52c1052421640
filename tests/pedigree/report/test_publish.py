"""What is written where, without a server."""

import json
from datetime import UTC, datetime
from typing import Any, Literal

import boto3
import pytest
from botocore.stub import ANY, Stubber
from matplotlib.figure import Figure

from pedigree.report import publish
from pedigree.report.record import Record
from pedigree.report.report import to_json
from pedigree.report.summary import summarize
from pedigree.text import Page
from pedigree.trained_model import Evaluation
from pedigree.values import Account
from tests.lab.report_records import ARN, PACKAGE, complete_record, failed_record, sample_images

ACCOUNT = Account("pedigree", "dogs", "us-east-1", "bucket", "training-role", "serving-role", "function-role", "topic")


def publish_with_stub(monkeypatch: pytest.MonkeyPatch, record: Record, samples: dict[str, bytes], **known: Any) -> Page:
    """The page; `known` is what the report is made of beside the record."""
    s3, sagemaker = stubbed("s3"), stubbed("sagemaker")
    monkeypatch.setattr(publish, "client", lambda _, service: {"s3": s3.client, "sagemaker": sagemaker.client}[service])
    monkeypatch.setattr(publish, "read_samples", lambda client, model: samples)
    folder = f"runs/{record.flow_run_id}/"
    report = json.dumps(to_json(summarize(record, region="us-east-1", **known)), indent=1).encode()
    json_file = {"Bucket": "bucket", "Key": f"{folder}report.json", "Body": report, "ContentType": "application/json"}
    markdown = {"Bucket": "bucket", "Key": f"{folder}report.md", "Body": ANY, "ContentType": "text/markdown; charset=utf-8"}
    if "registry" in record.values and "package" in known:
        sagemaker.add_response("describe_model_package", described(ARN), {"ModelPackageName": ARN})
    elif "registry" in record.values:
        sagemaker.add_client_error("describe_model_package", "ValidationException", f"ModelPackage {ARN} does not exist.")
    s3.add_response("put_object", {}, json_file)
    s3.add_response("put_object", {}, markdown)
    with s3, sagemaker:
        page = publish.publish_report(ACCOUNT, record)
        s3.assert_no_pending_responses()
        sagemaker.assert_no_pending_responses()
    return page


def stubbed(service: Literal["s3", "sagemaker"]) -> Stubber:
    return Stubber(boto3.client(service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"))


def described(arn: str) -> dict[str, Any]:
    """PACKAGE with what AWS always says besides."""
    required = {"ModelPackageName": "pedigree", "ModelPackageArn": arn, "CreationTime": datetime(2026, 11, 21, tzinfo=UTC)}
    status = {"ModelPackageStatus": "Completed", "ModelPackageStatusDetails": {"ValidationStatuses": []}}
    return {**required, **status, **PACKAGE}


def test_the_report_lies_in_the_folder_of_the_run_and_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = publish_with_stub(monkeypatch, complete_record(), sample_images(), package=PACKAGE)
    assert page.headline == "✓ pedigree is live"
    assert page.markdown.count("](data:image/") == 5


def test_run_that_failed_before_its_model_is_published_without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    page = publish_with_stub(monkeypatch, failed_record("training", "JobFailed: ValueError: bad"), {})
    assert page.headline == "✗ Failed at the stage training"
    assert "JobFailed: ValueError: bad" in page.markdown
    assert "data:image/" not in page.markdown


def test_package_that_was_deleted_meanwhile_does_not_keep_the_report_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Approved by" not in publish_with_stub(monkeypatch, complete_record(), sample_images()).markdown


def test_a_figure_that_cannot_be_drawn_is_named_on_the_page_and_in_the_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(evaluation: Evaluation) -> Figure:
        raise RuntimeError(f"no font for {len(evaluation.classes)} | classes")

    monkeypatch.setattr("pedigree.report.figures.draw_confusion_matrix", fail)
    missing = {"Confusion matrix": "RuntimeError: no font for 2 | classes"}
    page = publish_with_stub(monkeypatch, complete_record(), sample_images(), package=PACKAGE, not_drawn=missing)
    assert page.headline == "✓ pedigree is live"
    assert page.markdown.count("](data:image/") == 4
    assert "\n\nFigures that could not be drawn: Confusion matrix (`RuntimeError: no font for 2 | classes`).\n\n" in page.markdown

"""What is written where, without a server."""

import json
from datetime import UTC, datetime
from typing import Any, Literal

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tasks.report import publish
from tasks.report.record import Record
from tasks.report.summary import summarize
from tasks.values import Account
from tests.tasks.report_records import ARN, PACKAGE, complete_record, failed_record, sample_images

ACCOUNT = Account("pedigree", "dogs", "us-east-1", "bucket", "training-role", "serving-role", "function-role", "topic")


@pytest.fixture
def artifacts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Artifacts that were created."""
    created: list[dict[str, Any]] = []
    monkeypatch.setattr(publish, "create_markdown_artifact", lambda markdown, **named: created.append({"markdown": markdown, **named}))
    return created


def publish_with_stub(monkeypatch: pytest.MonkeyPatch, record: Record, samples: dict[str, bytes], **known: Any) -> str:
    """URI of the report; `known` is what the summary is made of beside the record."""
    s3, sagemaker = stubbed("s3"), stubbed("sagemaker")
    monkeypatch.setattr(publish, "client", lambda _, service: {"s3": s3.client, "sagemaker": sagemaker.client}[service])
    monkeypatch.setattr(publish, "read_samples", lambda client, model: samples)
    folder = f"runs/{record.flow_run_id}/"
    report = json.dumps(summarize(record, region="us-east-1", **known), indent=1).encode()
    json_file = {"Bucket": "bucket", "Key": f"{folder}report.json", "Body": report, "ContentType": "application/json"}
    page = {"Bucket": "bucket", "Key": f"{folder}report.md", "Body": ANY, "ContentType": "text/markdown; charset=utf-8"}
    if "registry" in record.values and known:
        sagemaker.add_response("describe_model_package", described(ARN), {"ModelPackageName": ARN})
    elif "registry" in record.values:
        sagemaker.add_client_error("describe_model_package", "ValidationException", f"ModelPackage {ARN} does not exist.")
    s3.add_response("put_object", {}, json_file)
    s3.add_response("put_object", {}, page)
    with s3, sagemaker:
        uri = publish.publish_report.fn(ACCOUNT, record)
        s3.assert_no_pending_responses()
        sagemaker.assert_no_pending_responses()
    return uri


def stubbed(service: Literal["s3", "sagemaker"]) -> Stubber:
    return Stubber(boto3.client(service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"))


def described(arn: str) -> dict[str, Any]:
    """PACKAGE with what AWS always says besides."""
    required = {"ModelPackageName": "pedigree", "ModelPackageArn": arn, "CreationTime": datetime(2026, 11, 21, tzinfo=UTC)}
    status = {"ModelPackageStatus": "Completed", "ModelPackageStatusDetails": {"ValidationStatuses": []}}
    return {**required, **status, **PACKAGE}


def test_report_lies_in_the_folder_of_the_run_and_is_an_artifact(monkeypatch: pytest.MonkeyPatch, artifacts: list[dict[str, Any]]) -> None:
    uri = publish_with_stub(monkeypatch, complete_record(), sample_images(), package=PACKAGE)
    assert uri == "s3://bucket/runs/b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11/report.json"
    (artifact,) = artifacts
    assert artifact["key"] == "dogs-report"
    assert artifact["description"] == "✓ pedigree is live"
    assert artifact["markdown"].count("](data:image/") == 5


def test_run_that_failed_before_its_model_is_published_without_pictures(
    monkeypatch: pytest.MonkeyPatch, artifacts: list[dict[str, Any]]
) -> None:
    publish_with_stub(monkeypatch, failed_record("training", "JobFailed: ValueError: bad"), {})
    (artifact,) = artifacts
    assert artifact["description"] == "✗ Failed at the stage training"
    assert "JobFailed: ValueError: bad" in artifact["markdown"]
    assert "data:image/" not in artifact["markdown"]


def test_package_that_was_deleted_meanwhile_does_not_keep_the_report_back(
    monkeypatch: pytest.MonkeyPatch, artifacts: list[dict[str, Any]]
) -> None:
    publish_with_stub(monkeypatch, complete_record(), sample_images())
    assert "Approved by" not in artifacts[0]["markdown"]

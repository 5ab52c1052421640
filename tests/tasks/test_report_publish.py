"""What is written where, without a server."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tasks.report import publish
from tasks.report.record import Record
from tasks.report.summary import summarize
from tasks.values import Account
from tests.tasks.report_records import complete_record, failed_record, sample_images

ACCOUNT = Account("pedigree", "dogs", "us-east-1", "bucket", "training-role", "serving-role", "function-role", "topic")


@pytest.fixture
def artifacts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Artifacts that were created."""
    created: list[dict[str, Any]] = []
    monkeypatch.setattr(publish, "create_markdown_artifact", lambda markdown, **named: created.append({"markdown": markdown, **named}))
    return created


def publish_with_stub(monkeypatch: pytest.MonkeyPatch, record: Record, samples: dict[str, bytes]) -> str:
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr(publish, "client", lambda credentials, service: {("pedigree", "s3"): s3}[credentials, service])
    monkeypatch.setattr(publish, "read_samples", lambda client, record: samples)
    folder = f"runs/{record.flow_run_id}/"
    report = json.dumps(summarize(record), indent=1).encode()
    markdown_type = "text/markdown; charset=utf-8"
    with Stubber(s3) as stub:
        json_file = {"Bucket": "bucket", "Key": f"{folder}report.json", "Body": report, "ContentType": "application/json"}
        stub.add_response("put_object", {}, json_file)
        stub.add_response("put_object", {}, {"Bucket": "bucket", "Key": f"{folder}report.md", "Body": ANY, "ContentType": markdown_type})
        uri = publish.publish_report.fn(ACCOUNT, record)
        stub.assert_no_pending_responses()
    return uri


def test_report_lies_in_the_folder_of_the_run_and_is_an_artifact(monkeypatch: pytest.MonkeyPatch, artifacts: list[dict[str, Any]]) -> None:
    uri = publish_with_stub(monkeypatch, complete_record(), sample_images())
    assert uri == "s3://bucket/runs/b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11/report.json"
    (artifact,) = artifacts
    assert artifact["key"] == "dogs-report"
    assert artifact["description"] == "8 of 8 stages completed"
    assert artifact["markdown"].count("](data:image/") == 3


def test_run_that_failed_before_its_model_is_published_without_pictures(
    monkeypatch: pytest.MonkeyPatch, artifacts: list[dict[str, Any]]
) -> None:
    publish_with_stub(monkeypatch, failed_record("training", "JobFailed: ValueError: bad"), {})
    (artifact,) = artifacts
    assert artifact["description"] == "Failed at the stage training"
    assert "JobFailed: ValueError: bad" in artifact["markdown"]
    assert "data:image/" not in artifact["markdown"]

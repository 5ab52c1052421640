"""The report of a run that is brought from the bucket: by whichever release it was written, the run ends as it ended."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber
from rich.console import Console

from deployments.laptop import run
from deployments.laptop.stack import Stack, StackError
from pedigree.report.report import to_json
from pedigree.report.summary import summarize
from tests.lab.report_records import complete_record


def printed(monkeypatch: pytest.MonkeyPatch, folder: Path, report: dict[str, Any] | None) -> str:
    """Output for a run whose folder in the bucket holds this `report.json`, or nothing."""
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr("deployments.laptop.report_files.boto3.Session", lambda profile_name: SimpleNamespace(client=lambda _: s3))
    stack = cast("Stack", SimpleNamespace(folder=folder, outputs={"BucketName": "bucket"}))
    console = Console(width=200, record=True)
    with Stubber(s3) as stub:
        for name, body in (("report.md", "# page"), ("report.json", json.dumps(report))):
            asked = {"Bucket": "bucket", "Key": f"runs/5ca1ab1e/{name}"}
            if report is None:
                stub.add_client_error("get_object", "NoSuchKey", expected_params=asked)
                break
            stub.add_response("get_object", {"Body": SimpleNamespace(read=body.encode)}, asked)
        run.show_report(console, stack, "5ca1ab1e")
        stub.assert_no_pending_responses()
    return console.export_text()


def test_the_report_is_printed_and_both_files_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = printed(monkeypatch, tmp_path, to_json(summarize(complete_record())))
    assert "✓ pedigree is live" in text
    assert {file.name for file in tmp_path.iterdir()} == {"report.md", "report.json"}


def test_a_report_of_another_release_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = printed(monkeypatch, tmp_path, {"flow_run_id": "5ca1ab1e"})
    assert "report.json has version 1, and this release of pedigree reads version 3" in text
    assert (tmp_path / "report.md").read_text() == "# page"


def test_a_report_that_cannot_be_read_leaves_the_run_its_own_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "fetch_report", raising(StackError("The report of run 5ca1ab1e could not be read from S3: refused")))
    console = Console(width=200, record=True)
    run.show_report(console, cast("Stack", SimpleNamespace(folder=tmp_path)), "5ca1ab1e")
    assert "could not be read from S3: refused" in console.export_text()


def raising(error: Exception) -> Callable[..., None]:
    def refuse(*_: Any) -> None:
        raise error

    return refuse


def test_no_report_of_an_earlier_run_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    assert "There is no report" in printed(monkeypatch, tmp_path, None)
    assert list(tmp_path.iterdir()) == []

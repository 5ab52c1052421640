"""A lineage on paper: what is known, who did it, and what is not found."""

from dataclasses import fields, replace
from typing import Any

from pedigree.lineage.page import console_links, render_lineage, rows
from pedigree.lineage.trace import Lineage
from pedigree.values import Account

ACCOUNT = Account("pedigree", "dogs", "eu-west-1", "bucket", "training-role", "serving-role", "function-role", "topic")


def no_ui(_run: str) -> None: ...


ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/dogs/3"
KNOWN = Lineage(
    endpoint="dogs",
    status="InService",
    config="dogs--config-77",
    model="dogs--model-55",
    model_package_arn=ARN,
    approval="Approved",
    approver="Ada",
    reason="Ada: yes",
    accuracy="0.9250",
    training_job="dogs--train-1f",
    artifact="s3://bucket/training/dogs--train-1f/output/model.tar.gz",
    dataset_digest="da7a",
    images={"train": 8, "test": 40},
    code_digest="c0de",
    trained_by="5ca1ab1e",
    registered_by="b01dface",
    deployed_by="b01dface",
    missing=(),
)
UNKNOWN: dict[str, Any] = {field.name: None for field in fields(Lineage)}
NOTHING = Lineage(**{**UNKNOWN, "endpoint": "gone", "missing": ("endpoint gone: there is none (any more)",)})


def test_rows_lead_from_the_endpoint_back_to_data_and_code() -> None:
    assert list(rows(KNOWN)) == [
        ("Endpoint", "dogs"),
        ("Status", "InService"),
        ("Endpoint config", "dogs--config-77"),
        ("Deployed by flow run", "b01dface"),
        ("Model", "dogs--model-55"),
        ("Model package", ARN),
        ("Registered by flow run", "b01dface"),
        ("Approval", "Approved"),
        ("Approver", "Ada"),
        ("Reason", "Ada: yes"),
        ("Accuracy on its test images", "92.5% (79.6% to 98.4%)"),
        ("Model artifact", "s3://bucket/training/dogs--train-1f/output/model.tar.gz"),
        ("Training job", "dogs--train-1f"),
        ("Trained by flow run", "5ca1ab1e"),
        ("Dataset", "da7a"),
        ("Images", "8 train, 40 test"),
        ("Code", "c0de"),
    ]


def test_without_a_person_the_gate_approved() -> None:
    assert ("Approver", "the gate") in rows(replace(KNOWN, approver=None))
    assert "Approver" not in dict(rows(replace(KNOWN, approver=None, approval="PendingManualApproval")))


def test_page_draws_the_line_and_links_to_the_console() -> None:
    page = render_lineage(ACCOUNT, KNOWN, no_ui, region="eu-west-1")
    assert page.startswith("# What `dogs` serves, and where it came from\n")
    for arrow in ("dataset --> job", "code --> job", "package --> model", "config --> endpoint", "approver -. approved .-> package"):
        assert f"  {arrow}\n" in page
    console = "https://eu-west-1.console.aws.amazon.com"
    assert f"[`dogs--train-1f`]({console}/sagemaker/home?region=eu-west-1#/jobs/dogs--train-1f)" in page
    assert f"[`da7a`]({console}/s3/buckets/bucket?region=eu-west-1&prefix=datasets/da7a/)" in page
    assert "### Not found" not in page


def test_without_a_console_there_are_no_links_to_it() -> None:
    assert "console.aws" not in render_lineage(ACCOUNT, KNOWN, no_ui, region=None)


def test_what_is_not_found_is_said_first() -> None:
    page = render_lineage(ACCOUNT, NOTHING, no_ui, region=None)
    assert "### Not found\n\n```text\nendpoint gone: there is none (any more)\n```" in page
    assert "| Endpoint | `gone` |" in page


def test_a_training_on_ec2_has_a_folder_and_no_job() -> None:
    links = dict(console_links(ACCOUNT, replace(KNOWN, training_job="dogs--ec2-1f"), "eu-west-1"))
    assert "Training job" not in links
    assert links["Training on EC2"].endswith("prefix=training/dogs--ec2-1f/")

"""The table of kinds is complete, in an order that holds, and says whose a resource is."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from pedigree.aws.errors import AwsDenied
from pedigree.aws.identity import COVERED
from pedigree.aws.naming import tags
from pedigree.aws.resources import objects, table
from pedigree.aws.resources.kind import NOTHING, Resource, ResourceKind, is_ours, may_be_ours
from pedigree.aws.resources.sagemaker import LastingJobKind, SageMakerKind
from pedigree.aws.resources.table import BY_TITLE, CODE, ENDPOINT, KINDS
from pedigree.values import Account
from tests.lab.running_aws import RunningAws

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
SAGEMAKER = [kind for kind in KINDS if isinstance(kind, SageMakerKind)]
USES = [  # what must go before what it uses
    ("alarm", "function"),
    ("alarm", "endpoint"),
    ("scalable target", "endpoint"),
    ("provisioned target", "function"),
    ("function", "endpoint"),
    ("endpoint", "endpoint config"),
    ("endpoint config", "model"),
    ("transform job", "model"),
    ("transform job", "scores"),
    ("model", "model package"),
    ("model package", "model package group"),
    ("model package", "served artifact"),
    ("model", "served artifact"),
    ("model package", "job output"),
    ("training job", "dataset"),
    ("training job", "code channel"),
    ("training job", "weights to start from"),
    ("training instance", "security group"),
    ("training instance", "dataset"),
]


@pytest.mark.parametrize(("user", "used"), USES)
def test_what_uses_another_goes_before_it(user: str, used: str) -> None:
    order = [kind.title for kind in KINDS]
    assert order.index(user) < order.index(used)


def test_every_title_is_one_row() -> None:
    assert len(BY_TITLE) == len(KINDS)


@pytest.mark.parametrize("missing", ["billed", "owner"])
def test_a_kind_that_does_not_say_its_price_or_its_owner_cannot_be_in_the_table(missing: str) -> None:
    complete: dict[str, Any] = {
        "find": lambda *_: iter(()),
        "delete": lambda *_: None,
        "billed": lambda *_: NOTHING,
        "owner": lambda *_: None,
    }
    type("Complete", (ResourceKind,), complete)(title="t", named="n")
    with pytest.raises(TypeError, match=f"abstract method.* {missing}"):
        type("Careless", (ResourceKind,), {name: method for name, method in complete.items() if name != missing})(title="t", named="n")


def test_owners_are_kinds_of_the_table() -> None:
    owners = {owner[0] for kind in KINDS if (owner := kind.owner(Resource(kind.title, "name", of="other")))}
    assert owners == {"endpoint", "function", "training job"}
    assert owners <= BY_TITLE.keys()


def test_every_kind_is_in_the_table() -> None:
    assert {kind.title for kind in vars(table).values() if isinstance(kind, ResourceKind)} == set(BY_TITLE)


@pytest.mark.parametrize("kind", SAGEMAKER, ids=lambda kind: kind.title)
def test_the_bootstrap_stack_names_the_actions_of_a_kind(kind: SageMakerKind) -> None:
    allowed = (Path(__file__).parents[3] / "deployments/bootstrap.yaml").read_text()
    ending = "Stop" if isinstance(kind, LastingJobKind) else "Delete"
    wanted = [f"Create{kind.noun}", f"Describe{kind.noun}", f"{ending}{kind.noun}", f"List{kind.noun}s"]
    assert [action for action in wanted if not re.search(rf"sagemaker:{action}\b", allowed)] == []


@pytest.mark.parametrize("kind", SAGEMAKER, ids=lambda kind: kind.title)
def test_sagemaker_has_the_operations_of_every_noun(aws: RunningAws, kind: SageMakerKind) -> None:
    operations = aws.client("sagemaker").meta.service_model
    ending = "Stop" if isinstance(kind, LastingJobKind) else "Delete"
    wanted = [f"{verb}{kind.noun}" for verb in ("Describe", "Create", ending)]
    name = f"{kind.noun}Name"
    assert all(name in operations.operation_model(operation).input_shape.members for operation in wanted)
    assert COVERED[kind.title].keys() <= set(operations.operation_model(f"Create{kind.noun}").input_shape.members)
    listed = next(
        shape for shape in operations.operation_model(f"List{kind.noun}s").output_shape.members.values() if shape.type_name == "list"
    )
    assert {name, f"{kind.noun}Arn"} <= set(listed.member.members)


@pytest.mark.parametrize(
    ("carried", "ours"),
    [
        (tags(ACCOUNT, "k"), True),
        (tags(replace(ACCOUNT, project="pets-two"), "k"), False),
        ({"pedigree:project": "pets"}, False),
        ({"pedigree:key": "k"}, False),
        ({}, False),
    ],
)
def test_tags_say_whose_it_is(carried: dict[str, str], *, ours: bool) -> None:
    assert is_ours(ACCOUNT, carried) is ours


@pytest.mark.parametrize(
    ("name", "may_be"),
    [("pets", True), ("pets--x", True), ("pets-two", False), ("pets-two--x", False), ("petshop", False), ("my-pets--x", False)],
)
def test_names_that_our_roles_cannot_touch_are_not_asked_about(name: str, *, may_be: bool) -> None:
    assert may_be_ours(ACCOUNT, name) is may_be


def test_an_expiry_is_read_as_it_was_written() -> None:
    moment = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    assert Resource("model", "m", tags(ACCOUNT, "k", expires_at=moment)).expires_at == moment
    assert Resource("model", "m", tags(ACCOUNT, "k")).expires_at is None


class Bucket:
    """Has `count` objects, and says of the deleted ones in an answer of status 200 that it refused one."""

    def __init__(self, count: int, *, refusing: bool = False) -> None:
        self.count, self.refusing = count, refusing
        self.deleted: list[int] = []

    def get_paginator(self, _operation: str) -> "Bucket":
        return self

    def paginate(self, **_where: str) -> list[dict[str, Any]]:
        return [{"Versions": [{"Key": f"code/k/{number}", "VersionId": "1"} for number in range(self.count)]}, {}]

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  as boto3 calls it
        self.deleted.append(len(Delete["Objects"]))
        return {"Errors": [{"Key": "code/k/0", "Code": "AccessDenied", "Message": "no"}]} if self.refusing else {}


def test_objects_go_a_thousand_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket(2001)
    monkeypatch.setattr(objects, "client", lambda *_: bucket)
    CODE.delete(ACCOUNT, "code/k/")
    assert bucket.deleted == [1000, 1000, 1]


def test_an_object_that_was_refused_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "client", lambda *_: Bucket(1, refusing=True))
    with pytest.raises(AwsDenied, match="AccessDenied"):
        CODE.delete(ACCOUNT, "code/k/")


@pytest.mark.parametrize(("statuses", "said"), [(["InService"], 0), (["Creating", "Updating", "InService"], 1), ([], 0)])
def test_the_log_names_an_endpoint_only_while_it_is_waited_for(
    statuses: list[str], said: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("pedigree.aws.waiting.FIRST_DELAY", 0)
    answers: Iterator[dict[str, str] | None] = iter([*({"EndpointStatus": status} for status in statuses), None])
    monkeypatch.setattr("pedigree.aws.resources.sagemaker.describe", lambda _kind, _name: next(answers))
    monkeypatch.setattr(SageMakerKind, "on", lambda *_: None)
    with caplog.at_level("INFO"):
        ENDPOINT.settled(MagicMock(), "pets")
    assert [record.message for record in caplog.records] == ["Waiting for endpoint pets"] * said

"""Concurrency and alias of a function, against a Lambda of one dictionary that refuses what AWS refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.aws.errors import SpecDiffers
from pedigree.function import publish
from pedigree.function.alias import point_alias
from pedigree.function.concurrency import ensure_concurrency, release_others
from pedigree.function.publish import restore_function
from pedigree.function.version import change, require_ours
from pedigree.settings import Function
from pedigree.values import Account

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")


class NotProvisioned(Exception):
    pass


class Conflict(Exception):
    pass


class Lambda:
    """`provisioned` is {version: environments}; `lose_answer` makes the next CreateAlias work and then fail, as boto3's retry would."""

    def __init__(self, reserved: int | None = None, alias: str | None = None, **provisioned: int) -> None:
        self.reserved, self.alias = reserved, alias
        self.provisioned = {version.removeprefix("v"): number for version, number in provisioned.items()}
        self.lose_answer = False
        self.tags = dict[str, str]()
        self.exceptions = type(
            "Exceptions", (), {"ProvisionedConcurrencyConfigNotFoundException": NotProvisioned, "ResourceConflictException": Conflict}
        )

    def get_function_concurrency(self, **_name: str) -> dict[str, int]:
        return {} if self.reserved is None else {"ReservedConcurrentExecutions": self.reserved}

    def put_function_concurrency(self, **request: Any) -> None:
        assert request["ReservedConcurrentExecutions"] >= sum(self.provisioned.values()), "AWS refuses less than what is provisioned"
        self.reserved = request["ReservedConcurrentExecutions"]

    def get_provisioned_concurrency_config(self, **request: str) -> dict[str, Any]:
        if request["Qualifier"] not in self.provisioned:
            raise NotProvisioned
        return {"RequestedProvisionedConcurrentExecutions": self.provisioned[request["Qualifier"]], "Status": "READY"}

    def put_provisioned_concurrency_config(self, **request: Any) -> None:
        self.provisioned[request["Qualifier"]] = request["ProvisionedConcurrentExecutions"]
        assert self.reserved is None or sum(self.provisioned.values()) <= self.reserved, "AWS refuses more than what is reserved"

    def delete_provisioned_concurrency_config(self, **request: str) -> None:
        del self.provisioned[request["Qualifier"]]

    def get_paginator(self, _operation: str) -> "Lambda":
        return self

    def paginate(self, **_name: str) -> list[dict[str, Any]]:
        configs = [
            {"FunctionArn": f"arn:function:pets:{version}", "RequestedProvisionedConcurrentExecutions": number}
            for version, number in self.provisioned.items()
        ]
        return [{"ProvisionedConcurrencyConfigs": configs}]

    def get_alias(self, **_name: str) -> dict[str, str]:
        if self.alias is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "Cannot find alias arn"}}, "GetAlias")
        return {"FunctionVersion": self.alias}

    def create_alias(self, **request: str) -> None:
        self.alias = request["FunctionVersion"]
        if self.lose_answer:
            raise ClientError({"Error": {"Code": "ResourceConflictException", "Message": "Alias already exists: arn"}}, "CreateAlias")

    def update_alias(self, **request: str) -> None:
        self.alias = request["FunctionVersion"]

    def list_tags(self, **_arn: str) -> dict[str, dict[str, str]]:
        return {"Tags": self.tags}

    def get_function_configuration(self, **_name: str) -> dict[str, str]:
        return {"FunctionArn": "arn:function:pets", "Role": "arn:theirs", "State": "Active", "LastUpdateStatus": "Successful"}


class Unscaled:
    """No version has a scalable target."""

    def __init__(self, _account: Account, _name: str) -> None:
        pass

    def hand_over(self, _version: str | None) -> None:
        pass

    def lowest(self, _version: str) -> int:
        return 0

    def resume(self, _version: str) -> None:
        pass


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (Lambda(), (5, 3)),
        (Lambda(5, v2=3), (5, 3)),
        (Lambda(5, v2=3), (2, 2)),
        (Lambda(2, v2=2), (10, 8)),
        (Lambda(5, v1=3), (5, 3)),
        (Lambda(10, v1=3), (3, 3)),
        (Lambda(5, v2=3), (5, 0)),
    ],
)
def test_aws_accepts_every_way_from_one_concurrency_to_another(before: Any, wanted: tuple[int, int]) -> None:
    reserved, provisioned = wanted
    function = Function(reserved_concurrency=reserved, provisioned_concurrency=provisioned)
    ensure_concurrency(before, "pets", "2", function)
    assert (before.reserved, before.provisioned.get("2", 0)) == wanted
    assert set(ensure_concurrency(before, "pets", "2", function)) == {"adopted"}


@pytest.mark.parametrize(
    ("before", "environments"),
    [(Lambda(20), 1), (Lambda(20, v1=3), 3), (Lambda(20, v1=9), 4), (Lambda(20, v1=3, v2=2), 2)],
    ids=["new", "as many as before", "at most so many", "its own"],
)
def test_what_autoscaling_has_brought_it_to_outlives_a_redeploy(before: Any, environments: int) -> None:
    scaled = Function(reserved_concurrency=20, provisioned_concurrency=1, max_provisioned_concurrency=4)
    ensure_concurrency(before, "pets", "2", scaled)
    assert before.provisioned["2"] == environments
    assert set(ensure_concurrency(before, "pets", "2", scaled)) == {"adopted"}


def test_only_the_version_that_answers_is_kept_warm() -> None:
    aws_lambda: Any = Lambda(20, v1=3, v2=3, v12=3)
    release_others(aws_lambda, "pets", "2")
    assert aws_lambda.provisioned == {"2": 3}


def test_an_alias_whose_answer_was_lost_is_adopted() -> None:
    aws_lambda: Any = Lambda()
    aws_lambda.lose_answer = True
    assert point_alias(aws_lambda, "pets", "2") == (None, "adopted")
    assert point_alias(aws_lambda, "pets", "3") == ("2", "updated")


@pytest.mark.parametrize(
    ("verified", "alias", "provisioned"),
    [("none", "2", {}), ("1", "1", {}), ("2", "2", {"2": 3}), ("", "2", {"2": 3})],
    ids=["never proven", "another was proven", "was proven itself", "from before there was a mark"],
)
def test_a_function_that_failed_its_test_is_not_paid_for(
    monkeypatch: pytest.MonkeyPatch, verified: str, alias: str, provisioned: dict[str, int]
) -> None:
    aws_lambda: Any = Lambda(5, "2", v2=3)
    marks = {
        "pedigree:verified-version": verified,
        "pedigree:verified-reserved": "5",
        "pedigree:verified-warm": str(provisioned.get("2", 0)),
    }
    aws_lambda.tags = marks if verified else {}
    monkeypatch.setattr(publish, "client", lambda *_: aws_lambda)
    monkeypatch.setattr(publish, "ScaledFunction", Unscaled)
    restore_function(ACCOUNT, "pets")
    assert (aws_lambda.alias, aws_lambda.provisioned) == (alias, provisioned)


def test_the_code_of_somebody_elses_function_is_not_replaced() -> None:
    theirs: Any = Lambda()
    with pytest.raises(SpecDiffers, match="runs under arn:theirs"):
        require_ours(theirs, "pets", "arn:f")


def test_a_change_that_meets_itself_after_a_lost_answer_is_made_once_more() -> None:
    aws_lambda: Any = Lambda()
    answers = iter([Conflict("The operation cannot be performed at this time. An update is in progress"), None])

    def update() -> None:
        if answer := next(answers):
            raise answer

    change(aws_lambda, "pets", update)
    assert list(answers) == []

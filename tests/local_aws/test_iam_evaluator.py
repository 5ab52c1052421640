"""The decision as a pure function: policies and a request in, allowed or which deny out."""

import json
from typing import Any

import pytest

from local_aws.iam.evaluator import Decision, Request, evaluate, parse_policy

ALLOWED, IMPLICIT, EXPLICIT = Decision.ALLOWED, Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY
OBJECT = "arn:aws:s3:::bucket/folder/key"


def decide(*statements: dict[str, Any], action: str = "s3:GetObject", resource: str = OBJECT, **context: str | list[str]) -> Decision:
    """Context keys are given with `__` for `:`."""
    keys = {name.replace("__", ":").lower(): [value] if isinstance(value, str) else value for name, value in context.items()}
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | s for s in statements]}))
    return evaluate([policy], Request(action, resource, keys))


def allowing(condition: dict[str, Any]) -> dict[str, Any]:
    return {"Action": "*", "Resource": "*", "Condition": condition}


def test_nothing_said_is_an_implicit_deny() -> None:
    assert decide() is IMPLICIT


def test_an_explicit_deny_wins_over_any_allow() -> None:
    everything = {"Action": "*", "Resource": "*"}
    assert decide(everything, {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}) is EXPLICIT
    assert decide(everything, {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}) is ALLOWED


@pytest.mark.parametrize(
    ("action", "decision"),
    [
        ("s3:GetObject", ALLOWED),
        ("S3:getobject", ALLOWED),
        ("s3:Get*", ALLOWED),
        ("s3:Get?bject", ALLOWED),
        ("*", ALLOWED),
        ("s3:GetObjectTagging", IMPLICIT),
        ("s3:Get", IMPLICIT),
        ("s3.GetObject", IMPLICIT),
        (["a:B", "s3:GetObject"], ALLOWED),
    ],
)
def test_actions_match_in_any_case_with_wildcards(action: str | list[str], decision: Decision) -> None:
    assert decide({"Action": action, "Resource": "*"}) is decision


@pytest.mark.parametrize(
    ("resource", "decision"),
    [
        (OBJECT, ALLOWED),
        ("arn:aws:s3:::bucket/*", ALLOWED),
        ("arn:aws:s3:::*/key", ALLOWED),
        ("arn:aws:s3:::bucke?/folder/key", ALLOWED),
        ("arn:aws:s3:::bucket", IMPLICIT),
        ("arn:aws:s3:::BUCKET/*", IMPLICIT),
        ("arn:aws:s3:::bucket/[a-z]*", IMPLICIT),
    ],
)
def test_resources_match_in_their_own_case_with_wildcards(resource: str, decision: Decision) -> None:
    assert decide({"Action": "*", "Resource": resource}) is decision


def test_not_action_and_not_resource_speak_of_everything_else() -> None:
    assert decide({"NotAction": "s3:Put*", "Resource": "*"}) is ALLOWED
    assert decide({"NotAction": "s3:Get*", "Resource": "*"}) is IMPLICIT
    assert decide({"Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}) is IMPLICIT
    assert decide({"Action": "*", "NotResource": "arn:aws:s3:::other/*"}) is ALLOWED


def test_a_variables_value_is_taken_literally() -> None:
    home = {"Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username}/key"}
    assert decide(home, aws__username="folder") is ALLOWED
    assert decide(home, aws__username="*") is IMPLICIT
    assert decide({"Action": "*", "Resource": "arn:aws:s3:::bucket/${*}"}) is IMPLICIT
    assert decide({"Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username, 'folder'}/key"}) is ALLOWED


def test_a_variable_without_a_value_fails_closed() -> None:
    home = {"Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username}*"}
    assert decide(home) is IMPLICIT
    assert decide({"Action": "*", "Resource": "*"}, {"Effect": "Deny"} | home) is EXPLICIT


def test_an_old_policy_has_no_variables() -> None:
    old = {"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username}"}}
    request = Request("s3:GetObject", "arn:aws:s3:::bucket/ann", {"aws:username": ["ann"]})
    assert evaluate([parse_policy(json.dumps(old))], request) is IMPLICIT


@pytest.mark.parametrize(
    ("operator", "wanted", "holds"),
    [
        ("StringEquals", "ann", True),
        ("StringEquals", ["bob", "ann"], True),
        ("StringEquals", "Ann", False),
        ("StringEqualsIgnoreCase", "ANN", True),
        ("StringNotEquals", "ann", False),
        ("StringNotEquals", ["bob", "cy"], True),
        ("StringNotEquals", ["bob", "ann"], False),
        ("StringLike", "a?n*", True),
        ("StringNotLike", "a*", False),
        ("StringLikeIfExists", "b*", False),
        ("Null", "false", True),
        ("Null", "true", False),
    ],
)
def test_string_operators(operator: str, wanted: str | list[str], holds: bool) -> None:  # noqa: FBT001
    assert decide(allowing({operator: {"aws:username": wanted}}), aws__username="ann") is (ALLOWED if holds else IMPLICIT)


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "actual", "holds"),
    [
        ("Bool", "aws:SecureTransport", True, "true", True),
        ("Bool", "aws:SecureTransport", "false", "true", False),
        ("NumericLessThanEquals", "s3:max-keys", 10, "10", True),
        ("NumericLessThan", "s3:max-keys", "10", "10", False),
        ("NumericNotEquals", "s3:max-keys", "10", "9", True),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-11-21T10:00:00Z", True),
        ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-11-21T10:00:00Z", False),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.0/8"], "127.0.0.1", True),
        ("NotIpAddress", "aws:SourceIp", "127.0.0.1", "127.0.0.1", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/p-*", "arn:aws:iam::1:role/p-x", True),
        ("ArnLike", "aws:PrincipalArn", "arn:*:role/p-x", "arn:aws:iam::1:role/p-x", False),
        ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::1:role/y", "arn:aws:iam::1:role/x", True),
    ],
)
def test_typed_operators(operator: str, key: str, wanted: Any, actual: str, holds: bool) -> None:  # noqa: FBT001
    assert decide(allowing({operator: {key: wanted}}), **{key.replace(":", "__"): actual}) is (ALLOWED if holds else IMPLICIT)


def test_every_condition_of_a_statement_must_hold() -> None:
    both = allowing({"StringEquals": {"aws:username": "ann", "aws:userid": "1"}})
    assert decide(both, aws__username="ann", aws__userid="1") is ALLOWED
    assert decide(both, aws__username="ann", aws__userid="2") is IMPLICIT


def test_an_absent_key_fails_a_test_and_passes_its_negation_and_if_exists() -> None:
    assert decide(allowing({"StringEquals": {"aws:username": "ann"}})) is IMPLICIT
    assert decide(allowing({"StringNotEquals": {"aws:username": "ann"}})) is ALLOWED
    assert decide(allowing({"StringEqualsIfExists": {"aws:username": "ann"}})) is ALLOWED
    assert decide(allowing({"Null": {"aws:username": "true"}})) is ALLOWED


def test_quantifiers_over_several_values() -> None:
    tags = ["project", "owner"]
    assert decide(allowing({"ForAllValues:StringEquals": {"aws:TagKeys": ["project", "owner", "more"]}}), aws__TagKeys=tags) is ALLOWED
    assert decide(allowing({"ForAllValues:StringEquals": {"aws:TagKeys": ["project"]}}), aws__TagKeys=tags) is IMPLICIT
    assert decide(allowing({"ForAnyValue:StringEquals": {"aws:TagKeys": ["project"]}}), aws__TagKeys=tags) is ALLOWED
    assert decide(allowing({"ForAnyValue:StringEquals": {"aws:TagKeys": ["project"]}})) is IMPLICIT
    assert decide(allowing({"ForAllValues:StringEquals": {"aws:TagKeys": ["project"]}})) is ALLOWED


@pytest.mark.parametrize(
    "condition",
    [
        {"StringResembles": {"aws:username": "ann"}},
        {"NotStringEquals": {"aws:username": "bob"}},
        {"StringEquals": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEqualsIfExists": {"ec2:Region": "us-east-1"}},
        {"ForSomeValues:StringEquals": {"aws:username": "ann"}},
        {"NumericEquals": {"aws:username": "1"}},
    ],
)
def test_what_cannot_be_decided_fails_closed(condition: dict[str, Any]) -> None:
    statement = allowing(condition)
    assert decide(statement, aws__username="ann") is IMPLICIT
    assert decide({"Action": "*", "Resource": "*"}, {"Effect": "Deny"} | statement, aws__username="ann") is EXPLICIT


def test_a_condition_that_fails_settles_an_undecidable_deny() -> None:
    condition = {"StringResembles": {"aws:username": "ann"}, "StringEquals": {"aws:username": "bob"}}
    assert decide({"Action": "*", "Resource": "*"}, {"Effect": "Deny"} | allowing(condition), aws__username="ann") is ALLOWED

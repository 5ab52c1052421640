"""Sessions of STS: how long they are, what limits them and which tags they carry."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.running_aws import ANYONE_HERE, RunningAws, allow, document
from tests.local_aws.test_iam_enforcement import refusal


def keys_of(answer: Mapping[str, Any]) -> dict[str, str]:
    keys = answer["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def make_user(aws: RunningAws, *statements: Mapping[str, Any], **settings: Any) -> tuple[str, dict[str, str]]:
    """(name, credentials) of a new user."""
    name, iam = f"user-{uuid.uuid4().hex[:8]}", aws.client("iam")
    iam.create_user(UserName=name, **settings)
    iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return name, {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def test_the_root_assumes_no_role(aws: RunningAws) -> None:
    error = refusal(aws.client("sts", aws.root).assume_role, RoleArn=aws.make_role(), RoleSessionName="session")["Error"]
    assert (error["Code"], error["Message"]) == ("AccessDenied", "Roles may not be assumed by root accounts.")


def test_a_session_is_as_long_as_its_role_allows(aws: RunningAws) -> None:
    sts, role = aws.client("sts"), aws.make_role(allow("sts:AssumeRole", "*"))
    answer = sts.assume_role(RoleArn=role, RoleSessionName="session")
    assert 3500 < (answer["Credentials"]["Expiration"] - datetime.now(UTC)).total_seconds() <= 3600
    error = refusal(sts.assume_role, RoleArn=role, RoleSessionName="session", DurationSeconds=3601)["Error"]
    assert (error["Code"], "MaxSessionDuration" in error["Message"]) == ("ValidationError", True)
    aws.client("iam").update_role(RoleName=role.split("/")[-1], MaxSessionDuration=7200)
    long = sts.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=7200)
    chained = aws.client("sts", keys_of(long))
    error = refusal(chained.assume_role, RoleArn=role, RoleSessionName="session", DurationSeconds=3601)["Error"]
    assert "1 hour session limit for roles assumed by role chaining" in error["Message"]
    chained.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=3600)


def test_managed_session_policies_limit_and_are_ten_at_most(aws: RunningAws) -> None:
    role, arns = aws.make_role(allow("s3:*", "*")), []
    for action in ("s3:ListAllMyBuckets", "s3:GetBucketLocation"):
        name = f"only-{uuid.uuid4().hex[:8]}"
        made = aws.client("iam").create_policy(PolicyName=name, PolicyDocument=document(allow(action, "*")))
        arns.append({"arn": made["Policy"]["Arn"]})
    sts, bucket = aws.client("sts"), aws.make_bucket()
    s3 = aws.client("s3", keys_of(sts.assume_role(RoleArn=role, RoleSessionName="session", PolicyArns=arns)))
    s3.list_buckets()
    s3.get_bucket_location(Bucket=bucket)
    assert "no session policy allows" in refusal(s3.put_object, Bucket=bucket, Key="k")["Error"]["Message"]
    assert refusal(sts.assume_role, RoleArn=role, RoleSessionName="session", PolicyArns=arns * 6)["Error"]["Code"] == "ValidationError"
    missing = [{"arn": "arn:aws:iam::123456789012:policy/missing"}]
    assert refusal(sts.assume_role, RoleArn=role, RoleSessionName="session", PolicyArns=missing)["Error"]["Code"] == "NoSuchEntity"
    long = document(allow("s3:*", ["*"] * 500))
    assert refusal(sts.assume_role, RoleArn=role, RoleSessionName="session", Policy=long)["Error"]["Code"] == "PackedPolicyTooLarge"


def test_session_tags_need_their_permission_and_become_the_principals(aws: RunningAws) -> None:
    only_assume = aws.make_role()
    tags = [{"Key": "team", "Value": "red"}]
    message = refusal(aws.client("sts").assume_role, RoleArn=only_assume, RoleSessionName="session", Tags=tags)["Error"]["Message"]
    assert "sts:TagSession" in message
    mine = allow("s3:ListAllMyBuckets", "*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    first, second = make_taggable(aws, allow("sts:AssumeRole", "*"), mine), make_taggable(aws, mine)
    assume = aws.client("sts").assume_role
    assert (
        "s3:ListAllMyBuckets"
        in refusal(aws.client("s3", keys_of(assume(RoleArn=first, RoleSessionName="session"))).list_buckets)["Error"]["Message"]
    )
    tagged = keys_of(assume(RoleArn=first, RoleSessionName="session", Tags=tags, TransitiveTagKeys=["team"]))
    aws.client("s3", tagged).list_buckets()
    chained = aws.client("sts", tagged)
    aws.client("s3", keys_of(chained.assume_role(RoleArn=second, RoleSessionName="session"))).list_buckets()
    error = refusal(chained.assume_role, RoleArn=second, RoleSessionName="session", Tags=[{"Key": "team", "Value": "blue"}])["Error"]
    assert error["Code"] in ("AccessDenied", "ValidationError")


def make_taggable(aws: RunningAws, *statements: Mapping[str, Any]) -> str:
    """A role that lets its callers tag the session."""
    role = aws.make_role(*statements)
    trust = {"Effect": "Allow", "Principal": ANYONE_HERE, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    aws.client("iam").update_assume_role_policy(RoleName=role.split("/")[-1], PolicyDocument=document(trust))
    return role


def test_a_users_session_reaches_what_the_user_reaches_but_not_iam(aws: RunningAws) -> None:
    name, user = make_user(aws, allow(["s3:ListAllMyBuckets", "iam:ListRoles"], "*"))
    keys = keys_of(aws.client("sts", user).get_session_token(DurationSeconds=900))
    aws.client("s3", keys).list_buckets()
    assert aws.client("sts", keys).get_caller_identity()["Arn"].endswith(f":user/{name}")
    assert refusal(aws.client("iam", keys).list_roles)["Error"]["Code"] == "InvalidClientTokenId"
    assert refusal(aws.client("sts", keys).get_session_token)["Error"]["Code"] == "AccessDenied"


def test_a_deactivated_key_is_unknown(aws: RunningAws) -> None:
    name, user = make_user(aws, allow("s3:*", "*"))
    s3, iam = aws.client("s3", user), aws.client("iam")
    s3.list_buckets()
    iam.update_access_key(UserName=name, AccessKeyId=user["AWS_ACCESS_KEY_ID"], Status="Inactive")
    assert refusal(s3.list_buckets)["Error"]["Code"] == "InvalidAccessKeyId"
    iam.update_access_key(UserName=name, AccessKeyId=user["AWS_ACCESS_KEY_ID"], Status="Active")
    s3.list_buckets()
    iam.delete_access_key(UserName=name, AccessKeyId=user["AWS_ACCESS_KEY_ID"])
    assert refusal(s3.list_buckets)["Error"]["Code"] == "InvalidAccessKeyId"


def test_a_users_boundary_limits_what_is_allowed(aws: RunningAws) -> None:
    iam = aws.client("iam")
    made = iam.create_policy(PolicyName=f"limit-{uuid.uuid4().hex[:8]}", PolicyDocument=document(allow("s3:ListAllMyBuckets", "*")))
    limit = made["Policy"]["Arn"]
    name, user = make_user(aws, allow("s3:*", "*"), PermissionsBoundary=limit)
    s3 = aws.client("s3", user)
    s3.list_buckets()
    assert "no permissions boundary allows" in refusal(s3.create_bucket, Bucket="not-for-you")["Error"]["Message"]
    assert iam.get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == limit
    iam.delete_user_permissions_boundary(UserName=name)
    s3.create_bucket(Bucket=f"mine-{uuid.uuid4().hex[:12]}")
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=limit)
    refusal(s3.create_bucket, Bucket="not-for-you")
    assert "PermissionsBoundary" in iam.get_user(UserName=name)["User"]


def test_who_asks_about_oneself_is_a_user(aws: RunningAws) -> None:
    name, user = make_user(aws, allow("iam:GetUser", "*"))
    assert aws.client("iam", user).get_user()["User"]["UserName"] == name
    with pytest.raises(ClientError, match="Must specify userName"):
        aws.client("iam", aws.as_role(allow("iam:GetUser", "*"))).get_user()
    root = aws.client("iam", aws.root).get_user()["User"]
    assert (root["UserId"], root["Arn"], "UserName" in root) == ("123456789012", "arn:aws:iam::123456789012:root", False)

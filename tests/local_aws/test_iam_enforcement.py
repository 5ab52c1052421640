"""IAM through boto3: who calls is who the key belongs to, and may do what its policies say."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.running_aws import RunningAws, allow, deny, document

ACCOUNT = "123456789012"
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"


def refusal(call: Callable[..., Any], /, **arguments: Any) -> Mapping[str, Any]:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response: Mapping[str, Any] = raised.value.response
    return response


def test_a_session_is_known_by_its_role(aws: RunningAws) -> None:
    role = aws.make_role()
    arn = aws.client("sts", aws.assume(role)).get_caller_identity()["Arn"]
    assert arn == role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/test"


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("iam", "list_roles", "InvalidClientTokenId"),
        ("sagemaker", "list_endpoints", "UnrecognizedClientException"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused(aws: RunningAws, service: str, method: str, code: str) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "AKIANOBODYNOBODYNOBO", "AWS_SECRET_ACCESS_KEY": "x"}
    assert refusal(getattr(aws.client(service, nobody), method))["Error"]["Code"] == code


def test_a_policy_opens_one_prefix_and_nothing_else(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    s3 = aws.client("s3", aws.as_role(allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{bucket}/mine/*")))
    s3.put_object(Bucket=bucket, Key="mine/a", Body=b"1")
    assert s3.head_object(Bucket=bucket, Key="mine/a")["ContentLength"] == 1
    response = refusal(s3.put_object, Bucket=bucket, Key="yours/a", Body=b"1")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert response["Error"]["Code"] == "AccessDenied"
    assert (
        f'perform: s3:PutObject on resource: "arn:aws:s3:::{bucket}/yours/a" because no identity-based policy allows'
        in (response["Error"]["Message"])
    )


def test_an_explicit_deny_says_so(aws: RunningAws) -> None:
    s3 = aws.client("s3", aws.as_role(allow("s3:*", "*"), deny("s3:DeleteObject", "*")))
    bucket = aws.make_bucket()
    assert "with an explicit deny in an identity-based policy" in refusal(s3.delete_object, Bucket=bucket, Key="a")["Error"]["Message"]


def test_only_who_may_list_learns_that_an_object_is_missing(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    reader = aws.client("s3", aws.as_role(allow("s3:GetObject", "*")))
    lister = aws.client("s3", aws.as_role(allow("s3:GetObject", "*"), allow("s3:ListBucket", f"arn:aws:s3:::{bucket}")))
    assert refusal(reader.get_object, Bucket=bucket, Key="gone")["Error"]["Code"] == "AccessDenied"
    assert refusal(lister.get_object, Bucket=bucket, Key="gone")["Error"]["Code"] == "NoSuchKey"


def test_deleting_many_needs_the_right_to_each(aws: RunningAws) -> None:
    bucket, root = aws.make_bucket(), aws.client("s3")
    for key in ("a1", "b"):
        root.put_object(Bucket=bucket, Key=key, Body=b"1")
    s3 = aws.client("s3", aws.as_role(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/a*")))
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a1"}, {"Key": "b"}]})
    assert [each["Key"] for each in answer["Deleted"]] == ["a1"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [("b", "AccessDenied")]
    assert [each["Key"] for each in root.list_objects_v2(Bucket=bucket)["Contents"]] == ["b"]
    root.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})
    assert "Contents" not in root.list_objects_v2(Bucket=bucket)


def test_a_copy_reads_its_source(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    aws.client("s3").put_object(Bucket=bucket, Key="secret", Body=b"1")
    writer = aws.client("s3", aws.as_role(allow("s3:PutObject", "*")))
    message = refusal(writer.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/secret")["Error"]["Message"]
    assert "s3:GetObject" in message


def test_tags_need_their_own_permission(aws: RunningAws) -> None:
    group = f"{SAGEMAKER}:model-package-group/tagged"
    bare = aws.client("sagemaker", aws.as_role(allow("sagemaker:CreateModelPackageGroup", group)))
    tags = [{"Key": "pedigree:project", "Value": "p"}]
    response = refusal(bare.create_model_package_group, ModelPackageGroupName="tagged", Tags=tags)
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert f"sagemaker:AddTags on resource: {group}" in response["Error"]["Message"]
    tagger = aws.client("sagemaker", aws.as_role(allow(["sagemaker:CreateModelPackageGroup", "sagemaker:AddTags"], group)))
    tagger.create_model_package_group(ModelPackageGroupName="tagged", Tags=tags)


def test_handing_a_role_to_a_service_needs_pass_role_to_that_service(aws: RunningAws) -> None:
    passed = aws.make_role(trusts={"Service": "sagemaker.amazonaws.com"})
    create = allow("sagemaker:CreateModel", "*")
    to_lambda = allow("iam:PassRole", passed, Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    to_sagemaker = allow("iam:PassRole", passed, Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})
    container = {"Image": "x", "ModelDataUrl": "s3://b/k"}
    for statements in ((create,), (create, to_lambda)):
        sagemaker = aws.client("sagemaker", aws.as_role(*statements))
        response = refusal(sagemaker.create_model, ModelName="passing", ExecutionRoleArn=passed, PrimaryContainer=container)
        assert f"iam:PassRole on resource: {passed}" in response["Error"]["Message"]
    allowed = aws.client("sagemaker", aws.as_role(create, to_sagemaker))
    assert refusal(allowed.create_model, ModelName="passing", ExecutionRoleArn=passed, PrimaryContainer=container)["Error"]["Code"] != (
        "AccessDeniedException"
    )


def test_a_role_that_does_not_trust_the_caller_cannot_be_assumed(aws: RunningAws) -> None:
    for_services = aws.make_role(trusts={"Service": "lambda.amazonaws.com"})
    may_assume = aws.client("sts", aws.as_role(allow("sts:AssumeRole", "*")))
    response = refusal(may_assume.assume_role, RoleArn=for_services, RoleSessionName="test")
    assert response["Error"]["Code"] == "AccessDenied"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_trusted_account_decides_by_its_own_policies(aws: RunningAws) -> None:
    role = aws.make_role()
    refusal(aws.client("sts", aws.as_role(allow("s3:*", "*"))).assume_role, RoleArn=role, RoleSessionName="test")
    aws.client("sts", aws.as_role(allow("sts:AssumeRole", role))).assume_role(RoleArn=role, RoleSessionName="test")


def test_a_role_trusted_by_name_needs_no_policy_of_its_own(aws: RunningAws) -> None:
    caller = aws.make_role()
    role = aws.make_role(trusts={"AWS": caller})
    aws.client("sts", aws.assume(caller)).assume_role(RoleArn=role, RoleSessionName="test")


def test_a_session_policy_limits_what_is_allowed(aws: RunningAws) -> None:
    role = aws.make_role(allow("s3:*", "*"))
    answer = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test", Policy=document(allow("s3:ListAllMyBuckets", "*")))
    keys = answer["Credentials"]
    limited = aws.client(
        "s3",
        {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        },
    )
    limited.list_buckets()
    assert "no session policy allows" in refusal(limited.create_bucket, Bucket="not-for-you")["Error"]["Message"]


def test_a_boundary_limits_what_is_allowed(aws: RunningAws) -> None:
    role, iam = aws.make_role(allow("s3:*", "*")), aws.client("iam")
    name = role.split("/")[-1]
    boundary = iam.create_policy(PolicyName=f"{name}-limit", PolicyDocument=document(allow("s3:ListAllMyBuckets", "*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    s3 = aws.client("s3", aws.assume(role))
    s3.list_buckets()
    assert "no permissions boundary allows" in refusal(s3.create_bucket, Bucket="not-for-you")["Error"]["Message"]


def test_a_bucket_policy_adds_and_takes_away(aws: RunningAws) -> None:
    bucket, role = aws.make_bucket(), aws.make_role()
    objects = f"arn:aws:s3:::{bucket}/*"
    policy = document(
        {**allow("s3:PutObject", objects), "Principal": {"AWS": role}},
        {**deny("s3:PutObject", f"arn:aws:s3:::{bucket}/closed/*"), "Principal": "*"},
        {**deny("s3:*", objects, Condition={"Bool": {"aws:SecureTransport": "false"}}), "Principal": "*"},
    )
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    aws.client("s3", aws.assume(role)).put_object(Bucket=bucket, Key="open/a", Body=b"1")
    response = refusal(aws.client("s3").put_object, Bucket=bucket, Key="closed/a", Body=b"1")
    assert "with an explicit deny in a resource-based policy" in response["Error"]["Message"]


def test_users_have_groups_and_variables(aws: RunningAws) -> None:
    iam, bucket = aws.client("iam"), aws.make_bucket()
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="people")
    iam.add_user_to_group(GroupName="people", UserName="ann")
    home = f"arn:aws:s3:::{bucket}/home/${{aws:username}}/*"
    iam.put_group_policy(GroupName="people", PolicyName="home", PolicyDocument=document(allow("s3:PutObject", home)))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = aws.client("s3", {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]})
    ann.put_object(Bucket=bucket, Key="home/ann/a", Body=b"1")
    refusal(ann.put_object, Bucket=bucket, Key="home/bob/a", Body=b"1")


def test_managed_policies_count(aws: RunningAws) -> None:
    role = aws.make_role()
    arn = aws.client("iam").create_policy(PolicyName="listing", PolicyDocument=document(allow("s3:ListAllMyBuckets", "*")))["Policy"]["Arn"]
    aws.client("iam").attach_role_policy(RoleName=role.split("/")[-1], PolicyArn=arn)
    aws.client("s3", aws.assume(role)).list_buckets()

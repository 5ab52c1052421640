"""The bootstrap stack and smaller ones through boto3."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import deployments
from tests.lab.running_aws import RunningAws

BOOTSTRAP = (Path(deployments.__file__).parent / "bootstrap.yaml").read_text()
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

TOPIC = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})


@pytest.fixture(scope="module")
def project(aws: RunningAws) -> Iterator[str]:
    """A project of its own, deployed from deployments/bootstrap.yaml."""
    name = f"p{uuid.uuid4().hex[:8]}"
    deploy(aws, name, BOOTSTRAP, Project=name)
    yield name
    aws.client("cloudformation").delete_stack(StackName=name)


def deploy(aws: RunningAws, name: str, template: str, **parameters: str) -> None:
    aws.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def update(aws: RunningAws, name: str, template: str, **parameters: str) -> None:
    aws.client("cloudformation").update_stack(
        StackName=name,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def outputs(aws: RunningAws, name: str) -> dict[str, str]:
    stack = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    assert stack["StackStatus"].endswith("_COMPLETE")
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def role_template(role_name: str = "", action: str = "s3:ListAllMyBuckets") -> str:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": TRUST, "Policies": [{"PolicyName": "p", "PolicyDocument": policy}]}
    if role_name:
        properties["RoleName"] = role_name
    return json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}})


def test_the_bucket_is_as_its_template_says(aws: RunningAws, project: str) -> None:
    s3, bucket = aws.client("s3"), outputs(aws, project)["BucketName"]
    assert bucket == f"{project}-123456789012-us-east-1"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    rule = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_the_bucket_policy_is_in_place_and_lets_loopback_pass(aws: RunningAws, project: str) -> None:
    s3, bucket = aws.client("s3"), outputs(aws, project)["BucketName"]
    statement = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]
    assert statement["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    s3.put_object(Bucket=bucket, Key="datasets/a", Body=b"1")


def test_its_roles_work(aws: RunningAws, project: str) -> None:
    made = outputs(aws, project)
    orchestrator = aws.client("s3", aws.assume(made["OrchestratorRoleArn"]))
    orchestrator.put_object(Bucket=made["BucketName"], Key="runs/a", Body=b"1")
    with pytest.raises(ClientError, match="AccessDenied"):
        orchestrator.delete_bucket_policy(Bucket=made["BucketName"])
    policies = aws.client("iam").list_attached_role_policies(RoleName=f"{project}-training")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in policies] == [f"{project}-container"]


def test_the_topic_is_an_output(aws: RunningAws, project: str) -> None:
    arn = outputs(aws, project)["TopicArn"]
    assert aws.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"] == arn


def test_an_unchanged_update_is_refused_as_aws_does(aws: RunningAws, project: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*No updates are to be performed\."):
        update(aws, project, BOOTSTRAP, Project=project)


def test_a_change_reaches_the_resource(aws: RunningAws) -> None:
    name = f"role-{uuid.uuid4().hex[:8]}"
    deploy(aws, name, role_template(name))
    update(aws, name, role_template(name, "s3:GetObject"))
    policy = aws.client("iam").get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    assert policy["Statement"][0]["Action"] == "s3:GetObject"
    aws.client("cloudformation").delete_stack(StackName=name)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        aws.client("iam").get_role(RoleName=name)


@pytest.mark.parametrize(
    ("role_name", "given", "needed"),
    [
        ("", [], "CAPABILITY_IAM"),
        ("named", [], "CAPABILITY_NAMED_IAM"),
        ("named", ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ],
)
def test_making_roles_must_be_acknowledged(aws: RunningAws, role_name: str, given: list[str], needed: str) -> None:
    with pytest.raises(ClientError, match=rf"InsufficientCapabilities.*\[{needed}\]"):
        aws.client("cloudformation").create_stack(StackName="unacknowledged", TemplateBody=role_template(role_name), Capabilities=given)


def test_an_existing_bucket_rolls_the_stack_back(aws: RunningAws) -> None:
    bucket, name = aws.make_bucket(), f"taken-{uuid.uuid4().hex[:8]}"
    template = json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}}})
    deploy(aws, name, template)
    cloudformation = aws.client("cloudformation")
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    reasons = [event.get("ResourceStatusReason", "") for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]]
    assert any("bucket" in reason for reason in reasons)
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        update(aws, name, template)
    aws.client("s3").head_bucket(Bucket=bucket)


def test_a_stack_takes_its_managed_policies_with_it(aws: RunningAws) -> None:
    name = f"stack-{uuid.uuid4().hex[:8]}"
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": name, "PolicyDocument": content}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [{"Ref": "P"}]}}
    template = json.dumps({"Resources": {"P": policy, "R": role}})
    for _ in range(2):
        deploy(aws, name, template)
        cloudformation = aws.client("cloudformation")
        assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        cloudformation.delete_stack(StackName=name)


def test_a_bucket_to_be_retained_except_on_create_outlives_its_stack_but_not_a_failed_creation(aws: RunningAws) -> None:
    kept, taken, name = f"kept-{uuid.uuid4().hex[:8]}", aws.make_bucket(), f"stack-{uuid.uuid4().hex[:8]}"
    bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate", "Properties": {"BucketName": kept}}
    other = {"Type": "AWS::S3::Bucket", "DependsOn": "Kept", "Properties": {"BucketName": taken}}
    outputs = {"Name": {"Value": {"Ref": "Kept"}}}
    cloudformation, s3 = aws.client("cloudformation"), aws.client("s3")
    deploy(aws, name, json.dumps({"Resources": {"Kept": bucket, "Other": other}, "Outputs": outputs}))
    failed = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    assert (failed["StackStatus"], failed.get("Outputs", [])) == ("ROLLBACK_COMPLETE", [])
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=kept)
    cloudformation.delete_stack(StackName=name)
    deploy(aws, name, json.dumps({"Resources": {"Kept": bucket}, "Outputs": outputs}))
    cloudformation.delete_stack(StackName=name)
    s3.head_bucket(Bucket=kept)


def test_a_stack_that_is_not_there_has_awss_message(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*does not exist"):
        aws.client("cloudformation").describe_stacks(StackName="nowhere")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "Either Template URL or Template Body must be specified"),
        ({"TemplateBody": "{"}, "Template format error"),
        ({"TemplateBody": "{}"}, "At least one Resources member must be defined"),
        ({"TemplateBody": '{"Resources": {"A": {}}}'}, "Every Resources object must contain a Type member"),
        ({"TemplateURL": "nowhere"}, "TemplateURL must be a supported URL"),
        ({"TemplateBody": TOPIC, "NotificationARNs": ["nobody"]}, "does not act on NotificationARNs"),
        ({"TemplateBody": TOPIC, "Parameters": [{"ParameterKey": "A"}]}, "needs a ParameterKey and a ParameterValue"),
    ],
)
def test_a_stack_that_cannot_be_made_is_refused(aws: RunningAws, asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationError\).*{reason}"):
        aws.client("cloudformation").create_stack(StackName="refused", **asked)


def test_change_sets_of_one_name_are_those_of_their_stacks_and_give_outputs(aws: RunningAws) -> None:
    client, names = aws.client("cloudformation"), [f"s{uuid.uuid4().hex[:8]}" for _ in range(2)]
    for name in names:
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}
        template = json.dumps({"Resources": {"Topic": topic}, "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}}})
        client.create_change_set(StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template)
    for name in names:
        with pytest.raises(ClientError, match="refuses DisableRollback"):
            client.execute_change_set(StackName=name, ChangeSetName="first", DisableRollback=True)
        client.execute_change_set(StackName=name, ChangeSetName="first", DisableRollback=False)
        assert outputs(aws, name)["Topic"].endswith(f":{name}")
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        client.execute_change_set(StackName=names[0], ChangeSetName="second")

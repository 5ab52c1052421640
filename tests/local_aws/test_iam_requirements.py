"""What each call needs, from the table and the rules beside it."""

from pathlib import Path
from typing import Any

import pytest
from moto.core.utils import get_service_model

from local_aws.call import Call, Principal
from local_aws.cloud import Cloud
from local_aws.iam.requirements import requirements, table
from local_aws.iam.resources import RESOURCES

HERE = "us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/training"


def needed(service: str, operation: str, **parameters: Any) -> list[tuple[str, str]]:
    cloud = Cloud("http://127.0.0.1:1", Path("unused"))
    call = Call(service, operation, Principal("arn:aws:iam::123456789012:root"), parameters)
    return [(requirement.action, requirement.resource) for requirement in requirements(cloud, call)]


@pytest.mark.parametrize("service", RESOURCES)
def test_the_table_names_operations_that_exist(service: str) -> None:
    assert set(table(service)) <= set(get_service_model(service).operation_names)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource"),
    [
        ("s3", "HeadObject", {"Bucket": "no-b", "Key": "a/b"}, "s3:GetObject", "arn:aws:s3:::no-b/a/b"),
        ("s3", "GetObject", {"Bucket": "no-b", "Key": "k", "VersionId": "1"}, "s3:GetObjectVersion", "arn:aws:s3:::no-b/k"),
        ("s3", "ListObjectsV2", {"Bucket": "no-b"}, "s3:ListBucket", "arn:aws:s3:::no-b"),
        ("s3", "UploadPart", {"Bucket": "no-b", "Key": "k"}, "s3:PutObject", "arn:aws:s3:::no-b/k"),
        ("s3", "AbortMultipartUpload", {"Bucket": "no-b", "Key": "k"}, "s3:AbortMultipartUpload", "arn:aws:s3:::no-b/k"),
        ("s3", "ListBuckets", {}, "s3:ListAllMyBuckets", "*"),
        ("sagemaker", "DescribeModel", {"ModelName": "M-1"}, "sagemaker:DescribeModel", f"arn:aws:sagemaker:{HERE}:model/m-1"),
        ("sagemaker", "ListEndpoints", {}, "sagemaker:ListEndpoints", "*"),
        (
            "sagemaker-runtime",
            "InvokeEndpoint",
            {"EndpointName": "e"},
            "sagemaker:InvokeEndpoint",
            f"arn:aws:sagemaker:{HERE}:endpoint/e",
        ),
        ("lambda", "Invoke", {"FunctionName": "f", "Qualifier": "live"}, "lambda:InvokeFunction", f"arn:aws:lambda:{HERE}:function:f:live"),
        (
            "lambda",
            "Invoke",
            {"FunctionName": f"arn:aws:lambda:{HERE}:function:f:2"},
            "lambda:InvokeFunction",
            f"arn:aws:lambda:{HERE}:function:f:2",
        ),
        ("lambda", "GetAlias", {"FunctionName": "f", "Name": "live"}, "lambda:GetAlias", f"arn:aws:lambda:{HERE}:function:f"),
        (
            "logs",
            "GetLogEvents",
            {"logGroupName": "/aws/x", "logStreamName": "s"},
            "logs:GetLogEvents",
            f"arn:aws:logs:{HERE}:log-group:/aws/x:log-stream:s",
        ),
        ("cloudwatch", "PutMetricData", {"Namespace": "n"}, "cloudwatch:PutMetricData", "*"),
        (
            "cloudformation",
            "DescribeStacks",
            {"StackName": "s"},
            "cloudformation:DescribeStacks",
            f"arn:aws:cloudformation:{HERE}:stack/s/*",
        ),
        ("iam", "GetRole", {"RoleName": "r"}, "iam:GetRole", "arn:aws:iam::123456789012:role/r"),
        ("sts", "AssumeRole", {"RoleArn": ROLE}, "sts:AssumeRole", ROLE),
        ("sns", "Publish", {"TopicArn": f"arn:aws:sns:{HERE}:t"}, "sns:Publish", f"arn:aws:sns:{HERE}:t"),
        ("ssm", "GetParameter", {"Name": "/a/b"}, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/a/b"),
        ("ec2", "DescribeInstances", {}, "ec2:DescribeInstances", "*"),
        ("sqs", "SendMessage", {"QueueUrl": "u"}, "sqs:SendMessage", f"arn:aws:sqs:{HERE}:u"),
    ],
)
def test_one_call_needs_one_permission(service: str, operation: str, parameters: dict[str, Any], action: str, resource: str) -> None:
    assert needed(service, operation, **parameters) == [(action, resource)]


def test_a_training_job_needs_its_tags_and_its_role() -> None:
    job = f"arn:aws:sagemaker:{HERE}:training-job/j"
    assert needed("sagemaker", "CreateTrainingJob", TrainingJobName="j", RoleArn=ROLE, Tags=[{"Key": "a", "Value": "b"}]) == [
        ("sagemaker:CreateTrainingJob", job),
        ("sagemaker:AddTags", job),
        ("iam:PassRole", ROLE),
    ]


def test_nested_roles_are_passed_too() -> None:
    definition = {"TrainingJobDefinition": {"RoleArn": ROLE}, "TrainingJobDefinitions": [{"RoleArn": ROLE + "2"}]}
    passed = needed("sagemaker", "CreateHyperParameterTuningJob", HyperParameterTuningJobName="h", **definition)[1:]
    assert passed == [("iam:PassRole", ROLE), ("iam:PassRole", ROLE + "2")]


def test_an_endpoint_needs_its_config_as_well() -> None:
    assert needed("sagemaker", "UpdateEndpoint", EndpointName="e", EndpointConfigName="c") == [
        ("sagemaker:UpdateEndpoint", f"arn:aws:sagemaker:{HERE}:endpoint/e"),
        ("sagemaker:UpdateEndpoint", f"arn:aws:sagemaker:{HERE}:endpoint-config/c"),
    ]


def test_deleting_many_objects_needs_each_of_them_or_its_version() -> None:
    objects = {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "1"}]}
    assert needed("s3", "DeleteObjects", Bucket="no-b", Delete=objects) == [
        ("s3:DeleteObject", "arn:aws:s3:::no-b/a"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::no-b/b"),
    ]


def test_a_command_needs_its_document_and_every_instance() -> None:
    resources = [resource for _, resource in needed("ssm", "SendCommand", DocumentName="AWS-RunShellScript", InstanceIds=["i-1", "i-2"])]
    assert resources == [
        "arn:aws:ssm:us-east-1::document/AWS-RunShellScript",
        f"arn:aws:ec2:{HERE}:instance/i-1",
        f"arn:aws:ec2:{HERE}:instance/i-2",
    ]


def test_an_instance_needs_all_that_is_made_with_it() -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]
    assert needed("ec2", "RunInstances", ImageId="ami-1", InstanceType="m5.xlarge", SecurityGroupIds=["sg-1"], TagSpecifications=tags) == [
        *[("ec2:RunInstances", f"arn:aws:ec2:{HERE}:{kind}/*") for kind in ("instance", "volume", "network-interface", "subnet")],
        ("ec2:RunInstances", f"arn:aws:ec2:{HERE}:security-group/sg-1"),
        ("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1"),
        ("ec2:CreateTags", f"arn:aws:ec2:{HERE}:instance/*"),
    ]


def test_what_is_amazons_own_is_of_no_account() -> None:
    assert needed("ssm", "GetParameter", Name="/aws/service/x")[0][1] == "arn:aws:ssm:us-east-1::parameter/aws/service/x"


def test_who_am_i_needs_nothing() -> None:
    assert needed("sts", "GetCallerIdentity") == []

"""What a function's code sees: the zip, boto3, its role, and nothing of this repository."""

import pytest
from botocore.exceptions import ClientError

from tests.lab.running_aws import RunningAws, allow
from tests.local_aws.deployed import LAMBDA, Deployer, zip_of

IMPORTS = """
import importlib, os, sys
def handler(event, context):
    found = []
    for name in event:
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    return found
"""


def test_a_function_can_import_boto3_and_none_of_our_packages(deploy: Deployer) -> None:
    ours = ["flows", "tasks", "model", "local_aws", "deployments", "moto", "prefect", "torch", "numpy"]
    assert deploy(IMPORTS).invoke(["boto3", "awslambdaric", *ours]).payload == ["boto3", "awslambdaric"]


def test_a_function_gets_nothing_of_the_servers_environment(deploy: Deployer) -> None:
    source = "import os, sys\ndef handler(event, context):\n    return [sorted(os.environ), os.getcwd(), sys.path]\n"
    names, folder, paths = deploy(source).invoke().payload
    assert not {"HOME", "VIRTUAL_ENV", "USER", "MOTO_ACCOUNT_ID"} & set(names)
    assert paths[0] == folder
    assert not [path for path in paths if path.endswith("site-packages") and "/functions/lambda-python/" not in path]


def test_another_line_in_the_zip_is_another_result(deploy: Deployer) -> None:
    function = deploy("def handler(event, context):\n    return 'first'\n")
    assert function.invoke().payload == "first"
    function.change("def handler(event, context):\n    return 'second'\n")
    assert function.invoke().payload == "second"


def test_a_zip_may_come_from_s3(deploy: Deployer, aws: RunningAws) -> None:
    bucket, function = aws.make_bucket(), deploy("def handler(event, context):\n    return 'inline'\n")
    aws.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=zip_of("def handler(event, context):\n    return 'from s3'\n"))
    function.client.update_function_code(FunctionName=function.name, S3Bucket=bucket, S3Key="code.zip")
    function.settle()
    assert function.invoke().payload == "from s3"
    with pytest.raises(function.client.exceptions.InvalidParameterValueException, match="S3 Error Code: NoSuchKey"):
        function.client.update_function_code(FunctionName=function.name, S3Bucket=bucket, S3Key="gone.zip")
    with pytest.raises(function.client.exceptions.InvalidParameterValueException, match="S3 Error Code: NoSuchBucket"):
        function.client.update_function_code(FunctionName=function.name, S3Bucket="no-such-bucket-here", S3Key="gone.zip")


def test_a_function_acts_as_its_role(deploy: Deployer, aws: RunningAws) -> None:
    mine, other = aws.make_bucket(), aws.make_bucket()
    source = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    answers = [boto3.client("sts").get_caller_identity()["Arn"]]
    for bucket in event:
        try:
            answers.append(boto3.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")["ResponseMetadata"]["HTTPStatusCode"])
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
    return answers
"""
    role = aws.make_role(allow("s3:PutObject", f"arn:aws:s3:::{mine}/*"), trusts=LAMBDA)
    identity, *answers = deploy(source, Role=role).invoke([mine, other]).payload
    assert identity.split("/")[1] == role.split("/")[-1]
    assert answers == [200, "AccessDenied"]


def test_a_role_that_does_not_trust_lambda_is_refused(deploy: Deployer, aws: RunningAws) -> None:
    role = aws.make_role(trusts={"Service": "sagemaker.amazonaws.com"})
    with pytest.raises(ClientError, match=r"InvalidParameterValueException.*cannot be assumed by Lambda"):
        deploy("", Role=role)

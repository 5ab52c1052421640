"""What botocore's shapes say is refused in AWS's words; comments name the public issue that shows a message."""

from typing import Any

import pytest
import regex
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from local_aws.call import AwsError, Call, Principal
from local_aws.iam.resources import RESOURCES
from local_aws.validation.calls import validate
from local_aws.validation.constraints import compiled
from tests.lab.running_aws import RunningAws

SERVICES = sorted({*RESOURCES, "service-quotas"})
JOB = {
    "TrainingJobName": "job",
    "RoleArn": "arn:aws:iam::123456789012:role/training",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
}


def refused(service: str, operation: str, parameters: dict[str, Any]) -> tuple[str, str]:
    """Code and message of the refusal."""
    with pytest.raises(AwsError) as caught:
        validate(Call(service, operation, Principal("arn:aws:iam::123456789012:root"), parameters))
    return str(caught.value.code), str(caught.value.message)


def training_job(**changes: Any) -> str:
    code, message = refused("sagemaker", "CreateTrainingJob", {**JOB, **changes})
    assert code == "ValidationException"
    return message


def test_two_constraints_are_two_errors() -> None:
    # sagemaker-ml-workflow-with-apache-airflow#3
    name = "_" * 64
    assert training_job(TrainingJobName=name) == (
        f"2 validation errors detected: Value '{name}' at 'trainingJobName' failed to satisfy constraint: Member must have length less "
        f"than or equal to 63; Value '{name}' at 'trainingJobName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


def test_a_missing_member_is_null() -> None:
    expected = (
        "1 validation error detected: Value null at 'outputDataConfig.s3OutputPath' failed to satisfy constraint: Member must not be null"
    )
    assert training_job(OutputDataConfig={}) == expected


def test_an_item_is_named_by_its_place() -> None:
    # amazon-sagemaker-examples#2236
    variant = {"VariantName": "v", "ModelName": "ENTER MODEL NAME", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    request = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    _, message = refused("sagemaker", "CreateEndpointConfig", request)
    assert "Value 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' failed to satisfy constraint: Member must" in message


@pytest.mark.parametrize("name", ["ml.t5.large", "ml.c3.large"])
def test_an_instance_type_of_no_use_is_refused_with_those_there_are(name: str) -> None:
    message = training_job(ResourceConfig={"InstanceType": name, "InstanceCount": 1, "VolumeSizeInGB": 1})
    assert f"Value '{name}' at 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [" in message
    assert "ml.g4dn.xlarge, " in message


def test_a_map_is_shown_as_a_whole() -> None:
    # amazon-sagemaker-pytorch-detectron2#10, sagemaker-xgboost-container#120
    value = "x" * 2501
    assert training_job(HyperParameters={"label": value, "lr": "1"}) == (
        f"1 validation error detected: Value '{{label={value}, lr=1}}' at 'hyperParameters' failed to satisfy constraint: Map value must "
        "satisfy constraint: [Member must have length less than or equal to 2500, Member must have length greater than or equal to 0, "
        "Member must satisfy regular expression pattern: .*]"
    )


def test_a_list_of_texts_is_shown_as_a_whole() -> None:
    # lambda-action#83
    function = {"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Code": {}, "Layers": ["a", "b"]}
    code, message = refused("lambda", "CreateFunction", function)
    assert code == "ValidationException"
    assert "Value '[a, b]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have" in message


def test_a_number_has_its_bounds() -> None:
    config = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": -1}
    ending = "at 'resourceConfig.volumeSizeInGB' failed to satisfy constraint: Member must have value greater than or equal to 0"
    assert training_job(ResourceConfig=config).endswith(ending)


def test_a_secret_is_not_shown() -> None:
    _, message = refused("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "e", "Body": b"x" * 6_291_457})
    ending = "Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 6291456"
    assert message == f"1 validation error detected: {ending}"


def test_the_value_must_match_as_a_whole() -> None:
    assert "at 'trainingJobName'" in training_job(TrainingJobName="job\n")
    assert "at 'roleArn'" in training_job(RoleArn=f"x{JOB['RoleArn']}")


def test_digits_and_letters_are_those_of_java() -> None:
    assert "at 'roleArn'" in training_job(RoleArn="arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/training")
    description = {"ModelPackageGroupName": "g", "ModelPackageGroupDescription": "Rénards"}
    validate(Call("sagemaker", "CreateModelPackageGroup", Principal("root"), description))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TrainingJobName": 5}, "NUMBER_VALUE can not be converted to a String"),
        ({"EnableNetworkIsolation": "yes"}, "STRING_VALUE can not be converted to a Boolean"),
        ({"TrainingJobName": True}, "TRUE_VALUE can not be converted to a String"),
        ({"TrainingJobName": ["a"]}, "Start of list found where not expected."),
        ({"HyperParameters": {"epochs": 2}}, "NUMBER_VALUE can not be converted to a String"),
    ],
)
def test_a_value_of_another_type_cannot_be_read(changes: dict[str, Any], message: str) -> None:
    assert refused("sagemaker", "CreateTrainingJob", {**JOB, **changes}) == ("SerializationException", message)


WORDINGS = [
    (
        "iam",
        "CreateRole",
        {"RoleName": "a" * 65, "AssumeRolePolicyDocument": "{}"},
        "ValidationError",
        "1 validation error detected: Value 'aaa",
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"},
        "ValidationError",
        "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
    ),
    ("cloudformation", "DescribeStackResources", {"StackName": 1}, "SerializationException", ""),
    ("cloudformation", "CreateStack", {}, "ValidationError", "1 validation error detected: Value null at 'stackName' failed to satisfy"),
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "a b"},
        "InvalidParameterException",
        "1 validation error detected: Value 'a b' at 'logGro",
    ),
    (
        "ecr",
        "DescribeImages",
        {"repositoryName": "Ab"},
        "InvalidParameterException",
        "Invalid parameter at 'repositoryName'",
    ),
    ("ec2", "RunInstances", {"MinCount": 1}, "MissingParameter", "The request must contain the parameter MaxCount"),
    ("ec2", "TerminateInstances", {}, "InvalidParameterCombination", "No instances specified"),
    ("ec2", "CreateTags", {"Tags": [{"Key": "k"}]}, "MissingParameter", "The request must contain the parameter resourceIdSet"),
    (
        "ec2",
        "DescribeInstanceTypes",
        {"InstanceTypes": ["t1.none"]},
        "InvalidInstanceType",
        "The following supplied instance types do not exist: [t1.none]",
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "StorageClass": "COLD"},
        "InvalidStorageClass",
        "The storage class you specified",
    ),
    ("s3", "PutObject", {"Bucket": "b", "Key": "k", "ACL": "mine"}, "InvalidArgument", "ACL must satisfy enum value set: [private, "),
    ("s3", "DeleteObjects", {"Bucket": "b", "Delete": {}}, "MalformedXML", "The XML you provided was not well-formed"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "code", "words"), WORDINGS)
def test_each_service_has_its_code_and_words(service: str, operation: str, parameters: dict[str, Any], code: str, words: str) -> None:
    answered, message = refused(service, operation, parameters)
    assert answered == code
    assert message.startswith(words)


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_the_models_can_be_matched(service: str) -> None:
    model: Any = get_service_model(service)
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names} - {None}
    assert [pattern for pattern in patterns if not compiles(pattern)] == []


def compiles(pattern: str) -> bool:
    try:
        return compiled(pattern) is not None
    except regex.error:
        return False


def test_the_caller_is_known_before_and_authorised_after(aws: RunningAws) -> None:
    unchecked = Config(parameter_validation=False)
    size = aws.journal_size()
    for credentials in ({"AWS_ACCESS_KEY_ID": "AKIANOBODY", "AWS_SECRET_ACCESS_KEY": "x"}, aws.as_role()):
        with pytest.raises(ClientError) as raised:
            aws.client("sagemaker", credentials, config=unchecked).describe_model(ModelName="a_b")
    assert raised.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value 'a_b' at 'modelName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?",
    }
    outcomes = [entry.outcome for entry in aws.journal(size) if entry.action in ("sagemaker:?", "sagemaker:DescribeModel")]
    assert outcomes == ["UnrecognizedClientException", "ValidationException"]

"""What a person is told about each error of AWS that lasts, without a server."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError, WaiterError

from pedigree.aws.errors import AwsDenied, AwsFailed, AwsThrottled, AwsUnavailable, JobFailed, SignInNeeded, may_pass
from pedigree.aws.failures import errors_told, resource_of, told

WORDS = "User: arn:aws:sts::1:assumed-role/dogs-orchestrator/me is not authorized to perform: iam:PassRole on resource: arn:r because ..."


def answer(code: str, message: str = "", status: int = 400) -> ClientError:
    metadata = {"RequestId": "", "HostId": "", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "CreateModel")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "kind", "action"),
    [
        (
            answer("AccessDenied", WORDS, 403),
            AwsDenied,
            "role dogs-orchestrator needs the right to iam:PassRole: deploy deployments/bootstrap",
        ),
        (answer("403"), AwsDenied, "the role of the credentials of this run needs the right to CreateModel"),
        (answer("ExpiredTokenException"), SignInNeeded, "aws sso login"),
        (NoCredentialsError(), SignInNeeded, "aws sso login"),
        (answer("Throttling"), AwsThrottled, "a higher quota of CreateModel"),
        (answer("Whatever", status=429), AwsThrottled, "wait some minutes"),
        (answer("Whatever", status=502), AwsUnavailable, "health.aws.amazon.com"),
        (answer("InsufficientInstanceCapacity", status=500), AwsUnavailable, "health.aws.amazon.com"),
        (ConnectTimeoutError(endpoint_url="x"), AwsUnavailable, "make up"),
        (ReadTimeoutError(endpoint_url="x"), AwsUnavailable, "make up"),
        (answer("ValidationException", "1 is too small"), AwsFailed, "correct what AWS names"),
        (WaiterError("alarm", "max attempts", {}), AwsFailed, "correct what AWS names"),
    ],
)
def test_the_class_of_an_error_says_what_to_do(error: Exception, kind: type[AwsFailed], action: str) -> None:
    with pytest.raises(AwsFailed) as ours, errors_told("endpoint", "dogs"):
        raise error
    assert type(ours.value) is kind
    assert action in ours.value.action
    assert ours.value.__cause__ is error
    assert may_pass(ours.value) is (kind in (AwsThrottled, AwsUnavailable))


def test_the_step_names_what_it_did_when_a_client_has_told_the_error_already() -> None:
    by_client = AwsDenied("CreateModel", "dogs--model-1", "AccessDenied: no", "ask")
    ours = told(by_client, "endpoint", "dogs/3")
    assert (type(ours), str(ours)) == (AwsDenied, "endpoint: dogs/3: CreateModel dogs--model-1: AccessDenied: no\nWhat to do: ask")


@pytest.mark.parametrize("error", [JobFailed("a", "b", "c", "d"), KeyError("x")])
def test_an_error_of_another_kind_stays_what_it_is(error: Exception) -> None:
    assert told(error, "endpoint", "dogs") is error


@pytest.mark.parametrize(
    ("params", "resource"),
    [
        ({"EndpointName": "dogs", "EndpointConfigName": "c"}, "dogs"),
        ({"Bucket": "b", "Key": "k"}, "s3://b/k"),
        ({"Bucket": "b", "Prefix": "p/"}, "s3://b/p/"),
        ({"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/dogs"}, "endpoint/dogs"),
        ({"InstanceIds": ["i-1", "i-2"]}, "i-1, i-2"),
        ({"MaxResults": 3}, "the account"),
    ],
)
def test_a_request_names_its_resource(params: dict[str, object], resource: str) -> None:
    assert resource_of(params) == resource

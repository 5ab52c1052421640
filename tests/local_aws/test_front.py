import pytest
from botocore.exceptions import ClientError

from tests.running_aws import RunningAws


def test_moto_answers_what_we_do_not_execute(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="a folder/b+c", Body=b"body", Metadata={"with_underscore": "1"})
    answer = s3.get_object(Bucket=bucket, Key="a folder/b+c")
    assert answer["Body"].read() == b"body"
    assert answer["Metadata"] == {"with_underscore": "1"}


def test_head_says_the_length_without_a_body(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 5
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"12345"


UNKNOWN = [
    ("sagemaker", "list_apps", {}, "UnknownOperationException", 404),
    ("iam", "generate_service_last_accessed_details", {"Arn": "arn:aws:iam::123456789012:role/x"}, "InvalidAction", 400),
    ("lambda", "list_capacity_providers", {}, "UnknownOperationException", 404),
]


@pytest.mark.parametrize(("service", "method", "arguments", "code", "status"), UNKNOWN)
def test_an_operation_nobody_implements_fails_in_the_shape_of_its_service(
    aws: RunningAws, service: str, method: str, arguments: dict[str, str], code: str, status: int
) -> None:
    with pytest.raises(ClientError, match="does not implement") as raised:
        getattr(aws.client(service), method)(**arguments)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status

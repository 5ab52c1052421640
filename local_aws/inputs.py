"""The input of a SageMaker job in S3, which is looked for when the job is created."""

from typing import Any

from botocore.exceptions import ClientError

from local_aws.call import AwsError
from local_aws.cloud import REGION
from local_aws.rules import rule
from local_aws.s3_uri import split_s3_uri


@rule(
    "SageMaker CreateTrainingJob, CreateTransformJob",
    "There must be an object below the prefix of each input, and the role must be allowed to list it.",
    "https://github.com/aws/amazon-sagemaker-examples/issues/2489",
)
def objects_of_an_input(s3: Any, uri: str, role: str) -> None:
    """Raise ValidationException when the role, whose S3 client this is, finds no object below an S3 URI."""
    bucket, prefix = split_s3_uri(uri)
    try:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)["KeyCount"]
    except ClientError:
        found = 0
    if not found:
        raise AwsError("ValidationException", no_objects(uri, role))


def no_objects(uri: str, role: str) -> str:
    bucket, _ = split_s3_uri(uri)
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in the selected region '
        f'({REGION}), that objects exist under that S3 prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
        f'"{bucket}".'
    )

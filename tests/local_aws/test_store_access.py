"""Buckets that block public policies, and bodies that are signed chunk by chunk."""

import hashlib
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local_aws.cloud import REGION
from local_aws.store.public_policy import is_public
from tests.lab.function_urls import UrlAnswer, post
from tests.lab.running_aws import RunningAws, allow, document

BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
EVERYBODY = {**allow("s3:GetObject", "*"), "Principal": "*"}
OF_AN_ORGANISATION = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (EVERYBODY, True),
        ({**EVERYBODY, "Principal": {"AWS": ["*"]}}, True),
        ({**EVERYBODY, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
        ({**EVERYBODY, "Effect": "Deny"}, False),
        (EVERYBODY | OF_AN_ORGANISATION, False),
        ({**EVERYBODY, "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}}, True),
        ({**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({**EVERYBODY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
    ],
)
def test_a_policy_is_public_that_lets_everybody_in(statement: Mapping[str, Any], *, public: bool) -> None:
    assert is_public(document(statement)) is public


def test_a_bucket_that_blocks_public_policies_takes_none(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    open_to_all = document({**EVERYBODY, "Resource": f"arn:aws:s3:::{bucket}/*"})
    s3.put_bucket_policy(Bucket=bucket, Policy=open_to_all)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCK)
    with pytest.raises(ClientError, match=r"AccessDenied.*BlockPublicPolicy"):
        s3.put_bucket_policy(Bucket=bucket, Policy=open_to_all)
    s3.put_bucket_policy(Bucket=bucket, Policy=document({**EVERYBODY, "Resource": f"arn:aws:s3:::{bucket}/*"} | OF_AN_ORGANISATION))


def in_chunks(aws: RunningAws, url: str, chunks: list[bytes], *, declared: str = "", spoil: bytes = b"") -> UrlAnswer:
    """PUT a body with a signature for each chunk, as AWS's Java SDK does; `spoil` replaces the first chunk after it was signed."""
    sizes = {"X-Amz-Decoded-Content-Length": declared or str(sum(map(len, chunks))), "Content-Encoding": "aws-chunked"}
    request: Any = AWSRequest("PUT", url, {"X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", **sizes}, b"")
    auth: Any = ChunkSigner(Credentials(aws.admin["AWS_ACCESS_KEY_ID"], aws.admin["AWS_SECRET_ACCESS_KEY"]), "s3", REGION)
    auth.add_auth(request)
    previous, body = request.headers["Authorization"].rpartition("=")[2], b""
    for number, chunk in enumerate([*chunks, b""]):
        digests = f"{hashlib.sha256(b'').hexdigest()}\n{hashlib.sha256(chunk).hexdigest()}"
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{request.context['timestamp']}\n{auth.credential_scope(request)}\n{previous}\n{digests}"
        previous = auth.signature(text, request)
        sent = spoil if spoil and number == 0 else chunk
        body += f"{len(sent):x};chunk-signature={previous}\r\n".encode() + sent + b"\r\n"
    return post(url, body, dict(request.headers.items()), method="PUT")


class ChunkSigner(S3SigV4Auth):
    def payload(self, _request: Any) -> str:
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def test_a_body_in_signed_chunks_is_kept_only_when_every_chunk_is_signed(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    chunks = [b"a" * 65536, b"b" * 100]
    assert in_chunks(aws, f"{aws.url}/{bucket}/whole", chunks).status == 200
    assert s3.get_object(Bucket=bucket, Key="whole")["Body"].read() == b"".join(chunks)
    spoilt = in_chunks(aws, f"{aws.url}/{bucket}/spoilt", chunks, spoil=b"x" * 65536)
    assert (spoilt.status, b"SignatureDoesNotMatch" in spoilt.body) == (403, True)
    for declared in ("1", str(10**12), "many"):
        wrong = in_chunks(aws, f"{aws.url}/{bucket}/wrong", chunks, declared=declared)
        assert (wrong.status, b"IncompleteBody" in wrong.body) == (400, True)
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["whole"]


def test_an_anonymous_caller_is_denied_in_the_words_of_s3(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    anybody = boto3.client("s3", endpoint_url=aws.url, region_name=REGION, config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError, match=r"AccessDenied.*Access Denied"):
        anybody.get_object(Bucket=bucket, Key="k")


def test_values_inside_a_body_that_s3_does_not_know_have_codes_of_their_own(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    with pytest.raises(ClientError, match="InvalidLocationConstraint"):
        s3.create_bucket(Bucket="a-bucket-of-nowhere", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    queue = {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:Nothing"]}
    with pytest.raises(ClientError, match=r"InvalidArgument.*event is not supported"):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [queue]})

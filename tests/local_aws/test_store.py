"""S3 bodies through boto3 and raw requests: on disk, whole, streamed, and gone when deleted."""

import hashlib
import random
import zlib
from base64 import b64encode
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local_aws.cloud import REGION
from tests.lab.running_aws import RunningAws

MEGABYTE = 1024 * 1024
LARGE = random.Random(0).randbytes(3 * MEGABYTE)


def bodies(aws: RunningAws) -> int:
    """Bytes of all bodies on disk."""
    return sum(path.stat().st_size for path in (aws.state / "s3").iterdir())


def test_fifty_megabytes_in_parts_come_back_whole(aws: RunningAws, tmp_path: Path) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(random.Random(1).randbytes(50 * MEGABYTE))
    before = bodies(aws)
    s3.upload_file(str(source), bucket, "big", Config=TransferConfig(multipart_threshold=8 * MEGABYTE))
    assert bodies(aws) - before == 50 * MEGABYTE, "the parts are not kept beside the object"
    s3.download_file(bucket, "big", str(target))
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(source.read_bytes()).digest()
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == 50 * MEGABYTE
    assert head["ETag"].endswith('-7"')
    s3.delete_object(Bucket=bucket, Key="big")
    assert bodies(aws) == before


def test_the_server_holds_no_descriptor_per_object(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    descriptors = Path(f"/proc/{aws.process.pid}/fd")
    if not descriptors.exists():
        pytest.skip("the descriptors of another process are only listed on Linux")
    before = len(list(descriptors.iterdir()))
    for number in range(50):
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"x")
    assert len(list(descriptors.iterdir())) < before + 40


@pytest.mark.parametrize("body", [LARGE, b"0123456789" * 10], ids=["streamed", "small"])
@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=5-", slice(5, None)), ("bytes=-7", slice(-7, None)), ("bytes=3-99999999", slice(3, None))],
)
def test_ranges(aws: RunningAws, body: bytes, asked: str, part: slice) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    answer = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == body[part]
    assert answer["ContentRange"].endswith(f"/{len(body)}")


@pytest.mark.parametrize("body", [LARGE, b"small"], ids=["streamed", "small"])
def test_conditions_and_what_comes_with_the_body(aws: RunningAws, body: bytes) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ContentType="image/jpeg", Metadata={"a": "b"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    answer = s3.get_object(Bucket=bucket, Key="k", IfMatch=put["ETag"])
    assert (answer["ContentType"], answer["Metadata"], answer["ETag"]) == ("image/jpeg", {"a": "b"}, put["ETag"])
    assert answer["ChecksumCRC32"] == b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    assert answer["Body"].read() == body
    for condition, code in ({"IfMatch": '"other"'}, "PreconditionFailed"), ({"IfNoneMatch": put["ETag"]}, "304"):
        with pytest.raises(ClientError) as raised:
            s3.get_object(Bucket=bucket, Key="k", **condition)
        assert raised.value.response["Error"]["Code"] == code


def test_a_range_past_the_end_is_refused(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=LARGE)
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={len(LARGE)}-")


def test_if_none_match_star_creates_only_once(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed") as raised:
        s3.put_object(Bucket=bucket, Key="k", Body=b"second", IfNoneMatch="*")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"first"


def test_overwriting_and_aborting_leave_nothing_behind(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    before = bodies(aws)
    s3.put_object(Bucket=bucket, Key="k", Body=LARGE)
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    assert bodies(aws) - before == 5
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=1, Body=LARGE)
    s3.abort_multipart_upload(Bucket=bucket, Key="m", UploadId=upload)
    assert bodies(aws) - before == 5


def test_versions_are_kept_apart(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=LARGE)["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=LARGE[::-1])
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == LARGE
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == LARGE[::-1]
    s3.delete_object(Bucket=bucket, Key="k")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="k")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == LARGE


def test_versions_are_listed_without_touching_a_body(aws: RunningAws, tmp_path: Path) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    (tmp_path / "source").write_bytes(random.Random(2).randbytes(12 * MEGABYTE))
    s3.upload_file(str(tmp_path / "source"), bucket, "in parts", Config=TransferConfig(multipart_threshold=8 * MEGABYTE))
    s3.put_object(Bucket=bucket, Key="whole", Body=LARGE)
    s3.delete_object(Bucket=bucket, Key="whole")
    before = bodies(aws)
    listed = s3.list_object_versions(Bucket=bucket)
    assert [(version["Key"], version["Size"]) for version in listed["Versions"]] == [("in parts", 12 * MEGABYTE), ("whole", len(LARGE))]
    assert [marker["Key"] for marker in listed["DeleteMarkers"]] == ["whole"]
    assert bodies(aws) == before
    assert s3.get_object(Bucket=bucket, Key="in parts")["Body"].read() == (tmp_path / "source").read_bytes()


def test_a_copy_is_its_own(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="from", Body=LARGE)
    s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from"})
    s3.delete_object(Bucket=bucket, Key="from")
    assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == LARGE


@pytest.mark.parametrize(
    ("parts", "code"),
    [([(1, "wrong")], "InvalidPart"), ([(2, "")], "InvalidPart"), ([(1, ""), (3, "")], "EntityTooSmall")],
)
def test_an_upload_that_does_not_add_up_is_refused(aws: RunningAws, parts: list[tuple[int, str]], code: str) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    upload: dict[str, Any] = {"Bucket": bucket, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}
    etags = {number: s3.upload_part(**upload, PartNumber=number, Body=b"tiny")["ETag"] for number in (1, 3)}
    listed = [{"PartNumber": number, "ETag": etag or etags.get(number, '"none"')} for number, etag in parts]
    with pytest.raises(ClientError, match=code):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed})


def test_chunked_bodies_with_a_checksum_trailer(aws: RunningAws) -> None:
    """What boto3 sends over https; here over http."""
    s3, bucket = aws.client("s3"), aws.make_bucket()
    url = urlsplit(f"{aws.url}/{bucket}/k")
    crc = b64encode(zlib.crc32(b"hello world").to_bytes(4, "big"))
    encoded = b"6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:" + crc + b"\r\n\r\n"
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Decoded-Content-Length": "11",
        "X-Amz-Sdk-Checksum-Algorithm": "CRC32",
    }
    request: Any = AWSRequest("PUT", url.geturl(), headers, b"")
    auth: Any = TrailerSigner(Credentials(aws.admin["AWS_ACCESS_KEY_ID"], aws.admin["AWS_SECRET_ACCESS_KEY"]), "s3", REGION)
    auth.add_auth(request)
    headers = {**dict(request.headers.items()), "Transfer-Encoding": "chunked"}
    connection = HTTPConnection(url.hostname or "", url.port or 0, timeout=10)
    connection.request("PUT", url.path, iter([encoded]), headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello world"


def test_an_object_is_streamed_though_it_is_deleted_meanwhile(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    body = LARGE * 8
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    stream = s3.get_object(Bucket=bucket, Key="k")["Body"]
    start = stream.read(10)
    s3.delete_object(Bucket=bucket, Key="k")
    assert start + stream.read() == body


def test_an_operation_moto_does_not_know_is_not_taken_for_another(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    with pytest.raises(ClientError, match=r"NotImplemented.*DeleteBucketAnalyticsConfiguration"):
        s3.delete_bucket_analytics_configuration(Bucket=bucket, Id="x")
    s3.head_bucket(Bucket=bucket)


class TrailerSigner(S3SigV4Auth):
    def payload(self, _request: Any) -> str:
        return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

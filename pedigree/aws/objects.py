"""S3 objects: whether they are there, their JSON, and uploads that are not made twice."""

import hashlib
import json
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from pedigree.aws.clients import S3Client
from pedigree.aws.errors import is_missing

CHUNK = 2**20


def split_uri(uri: str) -> tuple[str, str]:
    """(bucket, key) of an s3:// URI."""
    address = urlsplit(uri)
    return address.netloc, address.path.lstrip("/")


def head(s3: S3Client, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        found = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return dict(found)


def read_json(s3: S3Client, bucket: str, key: str) -> Any:
    """The parsed object, None where there is none."""
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def hashed(s3: S3Client, uri: str, file: IO[bytes] | None = None) -> tuple[str, dict[str, Any]]:
    """(SHA-256 of the bytes, answer of GetObject) of an object, which is read once, into `file` where one is given."""
    bucket, key = split_uri(uri)
    answer, digest = s3.get_object(Bucket=bucket, Key=key), hashlib.sha256()
    for chunk in answer["Body"].iter_chunks(CHUNK):
        digest.update(chunk)
        if file:
            file.write(chunk)
    return digest.hexdigest(), dict(answer)


def put_json(s3: S3Client, bucket: str, key: str, value: Any) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(value, indent=1).encode(), ContentType="application/json")


def upload_once(s3: S3Client, bucket: str, key: str, path: Path) -> None:
    """Upload the file, unless an earlier run has uploaded the same bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        found = head(s3, bucket, key)
        if found is None or found["Metadata"].get("sha256") != digest:
            file.seek(0)
            # not upload_file, which hides what S3 answered in an error of its own
            s3.upload_fileobj(file, bucket, key, ExtraArgs={"Metadata": {"sha256": digest}})

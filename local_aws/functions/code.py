"""The zip of a function, inline or in S3, with AWS's size limits."""

import io
import zipfile
from typing import Any

from local_aws.cloud import Cloud
from local_aws.functions.errors import invalid

MAX_UNZIPPED_BYTES = 262_144_000


def fetch_code(cloud: Cloud, code: dict[str, Any]) -> bytes:
    """Fetch the zip that Code or UpdateFunctionCode names; InvalidParameterValueException when there is none."""
    content = bytes(code["ZipFile"]) if code.get("ZipFile") else read_object(cloud, code)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unzipped = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise invalid("Could not unzip uploaded file. Please check your file, then try to upload again.") from None
    if unzipped >= MAX_UNZIPPED_BYTES:
        raise invalid(f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes")
    return content


def read_object(cloud: Cloud, code: dict[str, Any]) -> bytes:
    from moto.s3.exceptions import MissingBucket

    bucket, key, version = code.get("S3Bucket"), code.get("S3Key"), code.get("S3ObjectVersion")
    if not bucket or not key:
        raise invalid("Please provide a source for function code.")
    try:
        found = cloud.books("s3").get_object(bucket, key, version_id=version)
    except MissingBucket:
        raise missing("NoSuchBucket", "The specified bucket does not exist") from None
    if found is None:
        raise missing("NoSuchKey", "The specified key does not exist.")
    return bytes(found.value)


def missing(code: str, message: str) -> Exception:
    return invalid(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")

"""S3 where moto's own way will not do: large objects are streamed from disk, and operations it does not know are refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from wsgiref.types import WSGIEnvironment

from botocore import xform_name
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

from local_aws.call import Call
from local_aws.cloud import Cloud
from local_aws.store.bodies import blocks
from local_aws.wire import Response

LARGE = 1024 * 1024
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/")


def refuse_unknown(operation: str) -> None:
    """NotImplementedError for what moto does not know: it would take DELETE /bucket?analytics for DeleteBucket."""
    name = xform_name(operation)
    if not (hasattr(S3Backend, name) or hasattr(S3Response, name)):
        raise NotImplementedError(operation)


def stream_object(cloud: Cloud, call: Call, environ: WSGIEnvironment, ask: Callable[[WSGIEnvironment], Response]) -> Response | None:
    """GetObject of a large object: moto's answer to HEAD, with the body from disk; None when moto shall answer as it does."""
    if call.operation != "GetObject" or "PartNumber" in call.parameters or "response-" in environ["QUERY_STRING"]:
        return None
    bucket = cloud.books("s3").buckets.get(call.parameters["Bucket"])
    key = bucket and cloud.books("s3").get_object(bucket.name, call.parameters["Key"], call.parameters.get("VersionId"))
    if not key or key.size < LARGE:
        return None
    head = ask({**environ, "REQUEST_METHOD": "HEAD"})
    if head.status not in (200, 206):
        return None
    start, end = content_range(head, key.size)
    return Response(
        head.status, with_parts(head.headers, key), stream=blocks(key._value_buffer.path, start, end - start + 1), length=end - start + 1
    )


def with_parts(headers: Mapping[str, str], key: Any) -> dict[str, str]:
    """A composite checksum names the number of its parts, by which a client knows that it is none of the whole; moto's HEAD omits it."""
    if getattr(key, "checksum_type", None) != "COMPOSITE":
        return dict(headers)
    ending = f"-{key.checksum_parts}"
    return {name: value + ending if value == key.checksum_value else value for name, value in headers.items()}


def content_range(head: Response, size: int) -> tuple[int, int]:
    """First and last byte of the answer."""
    declared = next((value for name, value in head.headers.items() if name.lower() == "content-range"), "")
    match = CONTENT_RANGE.match(declared)
    return (int(match[1]), int(match[2])) if match else (0, size - 1)

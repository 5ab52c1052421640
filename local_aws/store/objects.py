"""Corrections of moto's S3: large objects are streamed from disk."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from wsgiref.types import WSGIEnvironment

from local_aws.call import Call
from local_aws.cloud import Cloud
from local_aws.store.bodies import blocks
from local_aws.wire import Response

LARGE = 1024 * 1024
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/")


def stream_object(cloud: Cloud, call: Call, environ: WSGIEnvironment, ask: Callable[[WSGIEnvironment], Response]) -> Response | None:
    """GetObject of a large object: moto's answer to HEAD, with the body from disk; None when moto must answer itself."""
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
    """Add the number of parts to a composite checksum, which moto's HEAD omits.

    The number tells a client that the checksum is not that of the whole object.
    """
    if getattr(key, "checksum_type", None) != "COMPOSITE":
        return dict(headers)
    ending = f"-{key.checksum_parts}"
    return {name: value + ending if value == key.checksum_value else value for name, value in headers.items()}


def content_range(head: Response, size: int) -> tuple[int, int]:
    """Positions of the first and the last byte of the answer."""
    declared = next((value for name, value in head.headers.items() if name.lower() == "content-range"), "")
    match = CONTENT_RANGE.match(declared)
    return (int(match[1]), int(match[2])) if match else (0, size - 1)

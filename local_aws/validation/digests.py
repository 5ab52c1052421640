"""The digests that a client sends with the body of an object, or of a part."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping

from local_aws.call import AwsError, Call
from local_aws.rules import rule

PAGE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html"
CHECKSUM = "x-amz-checksum-"
# the algorithms that Python has; a CRC32C or CRC64NVME is kept as it comes
ALGORITHMS: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}


@rule("S3 PutObject, UploadPart", "A body with another MD5 than Content-MD5 is refused with BadDigest.", PAGE)
def content_md5(call: Call) -> None:
    given = call.headers.get("content-md5")
    if given is None:
        return
    digest = decoded(given)
    if digest is None or len(digest) != hashlib.md5(usedforsecurity=False).digest_size:
        raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.", status=400)
    body, _ = content_of(call)
    if digest != hashlib.md5(body, usedforsecurity=False).digest():
        raise AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.", status=400)


@rule(
    "S3 PutObject, UploadPart",
    "A body with another CRC32, SHA1 or SHA256 than its x-amz-checksum header or trailer is refused with BadDigest.",
    PAGE,
)
def checksum(call: Call) -> None:
    body, trailers = content_of(call)
    for algorithm, compute in ALGORITHMS.items():
        name = CHECKSUM + algorithm.lower()
        given = call.headers.get(name) or trailers.get(name)
        if given is not None and decoded(given) != compute(body):
            raise AwsError("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.", status=400)


def decoded(digest: str) -> bytes | None:
    try:
        return base64.b64decode(digest, validate=True)
    except binascii.Error:
        return None


def content_of(call: Call) -> tuple[bytes, Mapping[str, str]]:
    """The bytes of the object, and the trailers of a body in chunks."""
    body: bytes = call.parameters.get("Body") or b""
    return unchunked(body) if call.headers.get("x-amz-content-sha256", "").startswith("STREAMING-") else (body, {})


def unchunked(body: bytes) -> tuple[bytes, Mapping[str, str]]:
    """The content and the trailers of `aws-chunked`: a chunk is a line with its size in hexadecimal, its bytes, and a line end."""
    pieces, start = [], 0
    try:
        while size := int(body[start : (end := body.index(b"\r\n", start))].split(b";")[0], 16):
            pieces.append(body[end + 2 : end + 2 + size])
            start = end + 2 + size + 2
    except ValueError:
        raise AwsError("IncompleteBody", "The request body terminated unexpectedly", status=400) from None
    return b"".join(pieces), dict(map(trailer, body[end:].split()))


def trailer(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name.lower(), value

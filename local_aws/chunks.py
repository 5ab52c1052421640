"""Bodies that S3's clients send in chunks ("aws-chunked"), with a signature for each or with a checksum at the end.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from wsgiref.types import WSGIEnvironment

from local_aws.claims import Claim
from local_aws.http_request import HttpRequest

Sign = Callable[[str], str]  # a string to sign -> its signature with the key of the claim
EMPTY = hashlib.sha256(b"").hexdigest()


class BrokenChunks(Exception):
    """The body is not in chunks, or not of the declared length."""


@dataclass(frozen=True)
class Chunk:
    data: bytes
    signature: str


@dataclass(frozen=True)
class Chunked:
    """The chunks of a body, the last one empty, and the lines of its trailer."""

    chunks: tuple[Chunk, ...]
    trailer: tuple[bytes, ...]


def parse(body: bytes, declared_length: str) -> Chunked:
    """The chunks of a body; BrokenChunks when they are malformed or do not sum up to the declared length."""
    chunks = list(read_chunks(body))
    length = sum(len(chunk.data) for chunk, _ in chunks)
    if not chunks or chunks[-1][0].data or declared_length != str(length):
        raise BrokenChunks
    trailer = tuple(line for line in body[chunks[-1][1] :].split(b"\r\n") if line)
    return Chunked(tuple(chunk for chunk, _ in chunks), trailer)


def read_chunks(body: bytes) -> Iterator[tuple[Chunk, int]]:
    """Each chunk with the position of its end, up to the empty one."""
    position, size = 0, 1
    while size:
        line_end = body.find(b"\r\n", position)
        length, _, extension = body[position : max(line_end, 0)].partition(b";")
        if line_end < 0 or not length.isalnum():
            raise BrokenChunks
        try:
            size = int(length, 16)
        except ValueError:
            raise BrokenChunks from None
        start = line_end + 2
        position = start + size + (2 if size else 0)
        if position > len(body):
            raise BrokenChunks
        yield Chunk(body[start : start + size], extension.decode("latin-1").removeprefix("chunk-signature=")), position


def are_signed(chunked: Chunked, claim: Claim, sign: Sign) -> bool:
    """Whether every chunk, and the trailer where there is one, has its signature; each signature covers the one before it."""
    scope = f"{claim.moment}\n{claim.day}/{claim.region}/{claim.service}/aws4_request"
    previous = claim.signature
    for chunk in chunked.chunks:
        expected = sign(f"AWS4-HMAC-SHA256-PAYLOAD\n{scope}\n{previous}\n{EMPTY}\n{hashlib.sha256(chunk.data).hexdigest()}")
        if not hmac.compare_digest(expected, chunk.signature):
            return False
        previous = chunk.signature
    if not chunked.trailer:
        return True
    *lines, last = chunked.trailer
    digest = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    expected = sign(f"AWS4-HMAC-SHA256-TRAILER\n{scope}\n{previous}\n{digest}")
    return hmac.compare_digest(f"x-amz-trailer-signature:{expected}".encode(), last)


def join(request: HttpRequest, environ: WSGIEnvironment) -> bytes:
    """The body without its chunks; the WSGI environment then describes this body, with the checksum of the trailer as a header."""
    if not request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return request.body
    chunked = parse(request.body, request.headers.get("x-amz-decoded-content-length", ""))
    body = b"".join(chunk.data for chunk in chunked.chunks)
    encodings = [name for name in request.headers.get("content-encoding", "").split(",") if name.strip() not in ("", "aws-chunked")]
    environ["HTTP_CONTENT_ENCODING"] = ",".join(encodings)
    if not encodings:
        del environ["HTTP_CONTENT_ENCODING"]
    environ["HTTP_X_AMZ_CONTENT_SHA256"] = hashlib.sha256(body).hexdigest()
    environ["CONTENT_LENGTH"] = str(len(body))
    for line in chunked.trailer:
        name, _, value = line.decode("latin-1").partition(":")
        if name.startswith("x-amz-checksum-"):
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value.strip()
    return body

"""The request of a caller, parsed from the event of a direct call, of API Gateway or of a Function URL."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lambda_handler.failure import bad_request

ACCEPTED = 'Give one of {"url": "https://..."}, {"bucket": ..., "key": ...} or {"image": <base64>}.'


@dataclass(frozen=True)
class Url:
    kind: ClassVar[str] = "url"
    url: str


@dataclass(frozen=True)
class S3Object:
    kind: ClassVar[str] = "s3"
    bucket: str
    key: str


@dataclass(frozen=True)
class Inline:
    kind: ClassVar[str] = "inline"
    image: bytes = field(repr=False)


Source = Url | S3Object | Inline


@dataclass(frozen=True)
class ImageRequest:
    """A parsed request: `top` is the number of class names to answer, None means logits.

    `endpoint_name` is the endpoint that the caller expects, "" for any endpoint.
    """

    source: Source
    top: int | None = None
    endpoint_name: str = ""


def parse(event: object) -> ImageRequest:
    """Parse the request in an event; Failure 400 when the event holds no valid request."""
    if not isinstance(event, Mapping):
        raise bad_request(f"The event is not a JSON object. {ACCEPTED}")
    if not is_http(event):
        return parse_document(event, top=None)
    top = mapping(event.get("queryStringParameters")).get("top")
    body = body_of(event)
    if content_type(event).startswith("image/"):
        return ImageRequest(Inline(body), top=parse_top(top))
    try:
        document = json.loads(body)
    except ValueError:
        raise bad_request(f"The body is not JSON and its Content-Type is not image/*. {ACCEPTED}") from None
    if not isinstance(document, Mapping):
        raise bad_request(f"The body is not a JSON object. {ACCEPTED}")
    return parse_document(document, top=top)


def is_http(event: object) -> bool:
    """Whether the event is an HTTP envelope of API Gateway (REST or HTTP) or of a Function URL."""
    return isinstance(event, Mapping) and ("requestContext" in event or "httpMethod" in event)


def parse_document(document: Mapping[str, Any], *, top: object) -> ImageRequest:
    """Parse the request in a JSON object; `top` is the value of the query string, used when the object has no `top`."""
    inner = mapping(document.get("request_dict")) or document
    return ImageRequest(
        parse_source(inner),
        top=parse_top(inner.get("top", document.get("top", top))),
        endpoint_name=text(document, "endpoint_name"),
    )


def parse_source(document: Mapping[str, Any]) -> Source:
    sources: list[Source] = []
    if "url" in document:
        sources.append(Url(text(document, "url")))
    if "bucket" in document or "key" in document:
        sources.append(S3Object(required(document, "bucket"), required(document, "key")))
    if "image" in document:
        sources.append(Inline(decode(text(document, "image"))))
    if len(sources) != 1:
        raise bad_request(f"The request has {len(sources)} images. {ACCEPTED}")
    return sources[0]


def parse_top(top: object) -> int | None:
    if top is None:
        return None
    number = int(top) if isinstance(top, str) and top.isascii() and top.isdigit() else top
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise bad_request("top must be a whole number of at least 1: the number of class names to answer.")
    return number


def body_of(event: Mapping[str, Any]) -> bytes:
    body = text(event, "body") if event.get("body") is not None else ""
    return decode(body) if event.get("isBase64Encoded") is True else body.encode()


def content_type(event: Mapping[str, Any]) -> str:
    headers = {str(name).lower(): str(value).lower() for name, value in mapping(event.get("headers")).items()}
    return headers.get("content-type", "")


def decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("The image is not valid base64.") from None


def required(document: Mapping[str, Any], name: str) -> str:
    value = text(document, name)
    if not value:
        raise bad_request(f"{name} is missing. {ACCEPTED}")
    return value


def text(document: Mapping[str, Any], name: str) -> str:
    """A member of the document, which must be a string; "" when it is missing."""
    value = document.get(name, "")
    if not isinstance(value, str):
        raise bad_request(f"{name} is not a string.")
    return value


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

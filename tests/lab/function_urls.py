"""Plain HTTP requests, to Function URLs above all, signed as a client's SDK signs them or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.cloud import REGION


@dataclass(frozen=True)
class UrlAnswer:
    status: int
    headers: Message
    body: bytes


def signed(
    url: str,
    body: bytes,
    credentials: Mapping[str, str],
    *,
    target: str = "",
    content_type: str = "application/json",
    method: str = "POST",
    service: str = "lambda",
) -> dict[str, str]:
    """Headers of a request, signed with `AWS_*` credentials; `target` names the operation of a JSON service."""
    headers = {"Content-Type": content_type, **({"X-Amz-Target": target} if target else {})}
    request: Any = AWSRequest(method, url, headers, body)
    keys = Credentials(credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"], credentials.get("AWS_SESSION_TOKEN"))
    auth: Any = (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, REGION)
    auth.add_auth(request)
    return dict(request.headers.items())


def post(url: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> UrlAnswer:
    request = Request(url, data=body, headers=dict(headers), method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return UrlAnswer(answer.status, answer.headers, answer.read())
    except HTTPError as error:
        with error:
            return UrlAnswer(error.code, error.headers, error.read())

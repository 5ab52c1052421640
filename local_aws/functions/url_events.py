"""Function URLs between HTTP and Lambda: the event of payload format 2.0, and the HTTP answer for a function's result.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from local_aws.http_request import HttpRequest

TEXT = ("text/", "application/json", "application/xml", "application/javascript")


@dataclass(frozen=True)
class UrlAnswer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def event_of(request: HttpRequest, url_id: str, authorizer: dict[str, Any] | None) -> dict[str, Any]:
    """The event for a request; `authorizer` describes the signer, None when no signature is required."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": {name: value for name, value in request.headers.items() if name != "authorization"},
        "requestContext": context_of(request, url_id, authorizer),
        **({"queryStringParameters": query} if query else {}),
    }
    if not request.body:
        return {**event, "isBase64Encoded": False}
    text = request.headers.get("content-type", "").lower().startswith(TEXT)
    body = request.body.decode() if text else base64.b64encode(request.body).decode()
    return {**event, "body": body, "isBase64Encoded": not text}


def context_of(request: HttpRequest, url_id: str, authorizer: dict[str, Any] | None) -> dict[str, Any]:
    now = time.time()
    iam = {"authorizer": {"iam": authorizer}} if authorizer else {}
    return {
        "accountId": authorizer["accountId"] if authorizer else "anonymous",
        "apiId": url_id,
        "domainName": request.headers.get("host", ""),
        "domainPrefix": url_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.address,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": "$default",
        "stage": "$default",
        "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now * 1000),
        **iam,
    }


def answer_of(payload: bytes) -> UrlAnswer:
    """The HTTP answer for a function's result: an object with a statusCode is the answer, any other value is its body."""
    document = json.loads(payload)
    if not (isinstance(document, dict) and "statusCode" in document):
        return UrlAnswer(200, (("Content-Type", "application/json"),), payload)
    headers = {"Content-Type": "application/json", **{str(name): str(value) for name, value in (document.get("headers") or {}).items()}}
    body = document.get("body") or ""
    content = base64.b64decode(body) if document.get("isBase64Encoded") else str(body).encode()
    cookies = tuple(("Set-Cookie", str(cookie)) for cookie in document.get("cookies") or ())
    return UrlAnswer(int(document["statusCode"]), (*headers.items(), *cookies), content)


def refusal(status: int, message: str, **headers: str) -> UrlAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return UrlAnswer(status, (("Content-Type", "application/json"), *named.items()), json.dumps({"Message": message}).encode())

"""The answer to the caller: shaped like an HTTP response, with a JSON string as its body."""

import json
from typing import Any

from lambda_handler.failure import Failure

HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}


def in_envelope(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer in the form that API Gateway and Function URLs expect; `isBase64Encoded` says that the body is text."""
    return {"isBase64Encoded": False, **answer}


def succeeded(prediction: Any) -> dict[str, Any]:
    return {"statusCode": 200, "headers": HEADERS, "body": json.dumps(prediction)}


def failed(failure: Failure, request_id: str) -> dict[str, Any]:
    retry = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    error = {"type": failure.kind, "message": failure.message, "request_id": request_id}
    return {"statusCode": failure.status, "headers": HEADERS | retry, "body": json.dumps({"error": error})}

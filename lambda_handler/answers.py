"""What goes back to the caller: an HTTP-shaped answer whose body is a JSON string."""

import json
from typing import Any

from lambda_handler.failure import Failure

HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}


def in_envelope(answer: dict[str, Any]) -> dict[str, Any]:
    """As API Gateway and Function URLs take an answer: whether its body is text is said, and not left to a default."""
    return {"isBase64Encoded": False, **answer}


def succeeded(prediction: Any) -> dict[str, Any]:
    return {"statusCode": 200, "headers": HEADERS, "body": json.dumps(prediction)}


def failed(failure: Failure, request_id: str) -> dict[str, Any]:
    retry = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    error = {"type": failure.kind, "message": failure.message, "request_id": request_id}
    return {"statusCode": failure.status, "headers": HEADERS | retry, "body": json.dumps({"error": error})}

"""Invoke the model behind the endpoint, and translate its errors for the caller."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError

from lambda_handler.clients import client
from lambda_handler.failure import Failure
from lambda_handler.image import media_type

LOGITS, LABELS = "application/json", "application/json;labels"
THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException", "ServiceQuotaExceededException")
UNAVAILABLE = ("ValidationError", "ValidationException", "ModelNotReadyException", "ServiceUnavailable", "ServiceUnavailableException")
CALLERS_MISTAKES = {
    413: ("ImageTooLarge", "The image is too large for the model."),
    415: ("UnsupportedImage", "The model does not take images of this type."),
    422: ("UnreadableImage", "The image cannot be read: it is damaged or empty."),
}


def logits_of(endpoint: str, image: bytes, *, seconds: float) -> Any:
    """The logits of the model as [[logit, ...]], with one row for the one image."""
    return ask(endpoint, image, accept=LOGITS, seconds=seconds)


def names_of(endpoint: str, image: bytes, *, top: int, seconds: float) -> Any:
    """The `top` most probable [{"label", "probability"}, ...]; the model that answered gives the class names."""
    names = ask(endpoint, image, accept=LABELS, seconds=seconds)
    return names[:top]


def ask(endpoint: str, image: bytes, *, accept: str, seconds: float) -> list[Any]:
    media = media_type(image)
    if seconds < 1:
        raise too_slow()
    try:
        answer = client("sagemaker-runtime", int(seconds)).invoke_endpoint(
            EndpointName=endpoint, ContentType=media, Accept=accept, Body=image
        )
        document = json.loads(answer["Body"].read())
    except ClientError as error:
        raise refused(error.response) from None
    except (ConnectTimeoutError, ReadTimeoutError):
        raise too_slow() from None
    except (BotoCoreError, ValueError):
        raise failed() from None
    if not isinstance(document, list):
        raise failed()
    return document


def refused(response: Any) -> Failure:
    code = response.get("Error", {}).get("Code", "")
    if code in THROTTLED:
        return throttled()
    if code in UNAVAILABLE:
        return unavailable(retry_after=10)
    return refused_by_model(response) if code == "ModelError" else failed()


def refused_by_model(response: Any) -> Failure:
    """Translate a ModelError: the container's own HTTP status keeps its meaning, whichever container image serves.

    SageMaker reports status 0 when the container did not answer.
    """
    status, message = response.get("OriginalStatusCode", 0), response.get("OriginalMessage", "")
    if status in CALLERS_MISTAKES:
        return Failure(status, *CALLERS_MISTAKES[status])
    if status == 429:
        return throttled()
    if status == 503:  # a container image answers 503 when its queue is full
        return unavailable(retry_after=1)
    return too_slow() if status == 0 and "timed out" in message else failed()


def throttled() -> Failure:
    return Failure(429, "Throttled", "The model is busy. Try again.", retry_after=1)


def unavailable(*, retry_after: int) -> Failure:
    return Failure(503, "ModelUnavailable", "The model is not in service.", retry_after=retry_after)


def failed() -> Failure:
    return Failure(502, "ModelFailed", "The model could not answer.")


def too_slow() -> Failure:
    return Failure(504, "ModelTimeout", "The model did not answer in time.")

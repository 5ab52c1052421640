"""The Lambda function: it takes an event with an image and answers the model's prediction in the shape of an HTTP response.

Entry point `lambda_handler.handler.handler`; ENDPOINT_NAME is the endpoint that it invokes, MAX_IMAGE_BYTES the size of the largest image.
"""

import os
from typing import Any

from lambda_handler.answers import failed, in_envelope, succeeded
from lambda_handler.deadline import Context, seconds_left
from lambda_handler.event import ImageRequest, is_http, parse
from lambda_handler.failure import Failure
from lambda_handler.model import logits_of, names_of
from lambda_handler.sources import load_image
from lambda_handler.trace import Trace

MAX_IMAGE_BYTES = 5 * 2**20
FETCH_SECONDS, FETCH_MARGIN = 10.0, 2.0  # the margin is time for the model
MODEL_SECONDS, MODEL_MARGIN = 60.0, 0.5  # 60 s is SageMaker's limit; the margin is time to answer 504 before Lambda kills the function


def handler(event: object, context: Context) -> dict[str, Any]:
    """Answer one event; a refusal is an answer too."""
    trace = Trace(context.aws_request_id)
    try:
        answer = succeeded(predict(event, context, trace))
    except Failure as failure:
        trace.error = failure.kind
        answer = failed(failure, context.aws_request_id)
    trace.write(answer["statusCode"])
    return in_envelope(answer) if is_http(event) else answer


def predict(event: object, context: Context, trace: Trace) -> Any:
    request = parse(event)
    trace.source = request.source.kind
    endpoint = allowed_endpoint(request)
    fetching = seconds_left(context, margin=FETCH_MARGIN, at_most=FETCH_SECONDS)
    image = load_image(request.source, limit=int(os.environ.get("MAX_IMAGE_BYTES", MAX_IMAGE_BYTES)), seconds=fetching)
    trace.bytes = len(image)
    asking = seconds_left(context, margin=MODEL_MARGIN, at_most=MODEL_SECONDS)
    if request.top is None:
        return logits_of(endpoint, image, seconds=asking)
    return names_of(endpoint, image, top=request.top, seconds=asking)


def allowed_endpoint(request: ImageRequest) -> str:
    """The one endpoint that this function invokes; a request that names another endpoint is refused."""
    endpoint = os.environ.get("ENDPOINT_NAME", "")
    if not endpoint:
        raise Failure(503, "NotConfigured", "This function is not connected to a model: its ENDPOINT_NAME is empty.")
    if request.endpoint_name not in ("", endpoint):
        raise Failure(403, "EndpointRefused", "This function does not invoke the endpoint that the request names.")
    return endpoint

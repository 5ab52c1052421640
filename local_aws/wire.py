"""Translation between HTTP and calls: the operation of a request, and an answer in the protocol of its service."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIEnvironment

from botocore.awsrequest import HeadersDict
from botocore.exceptions import UnknownServiceError
from moto.core.errors import get_error_model
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from local_aws.call import AwsError
from local_aws.claims import Claim

# names that differ from botocore's service names
SIGNING_NAMES = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}
OF_OTHERS = re.compile(r"/(?:20\d\d-\d\d-\d\d|endpoints)/")  # the paths of Lambda and of the runtime of SageMaker
# HTTP statuses of error codes that the service models do not list
STATUSES = {
    "AccessDenied": 403,
    "InternalFailure": 500,
    "InvalidAccessKeyId": 403,
    "InvalidClientTokenId": 403,
    "MissingAuthenticationToken": 403,
    "NotImplemented": 501,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
}


@dataclass(frozen=True)
class Received:
    """A request with known service, operation and protocol; the lookup in `headers` ignores case."""

    service: str
    operation: OperationModel
    protocol: str
    parameters: dict[str, Any]
    headers: Mapping[str, str]
    request_id: str


@dataclass(frozen=True)
class Response:
    """An HTTP answer; for a large answer a `stream` of `length` bytes replaces the body."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    stream: Iterable[bytes] = ()
    length: int = 0


class Unroutable(Exception):
    """The request is not an AWS call or cannot be parsed; `response` says so in the protocol of its service."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def receive(environ: WSGIEnvironment, body: bytes, service: str) -> Received:
    """Find the operation of a request, and parse its parameters with moto; Unroutable when there is no operation."""
    request = Request(environ, populate_request=False)
    try:
        model = get_service_model(service)
        protocol = determine_request_protocol(model, request.content_type)
        operation, uri_parameters = get_service_router(service).match(request)
    except (UnknownServiceError, NotFound, NotImplementedError):
        raise Unroutable(unknown_operation(service, request)) from None
    content: Any = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": body,
        "url_path": request.path,
        "url_params": uri_parameters,
    }
    try:
        if protocol == "json" and body:
            json.loads(body)  # moto's parser takes what is no JSON for an empty object
        parameters = PROTOCOL_PARSERS[protocol](operation).parse(content)
    except (ValueError, RequestParserError) as error:
        malformed = AwsError("MalformedXML" if service == "s3" else "SerializationException", str(error), status=400)
        raise Unroutable(respond_error(service, operation, protocol, malformed)) from None
    except (TypeError, AttributeError):  # moto's parser takes the type of a JSON value for granted
        malformed = AwsError("SerializationException", "The body has a value of another type than the operation expects.", status=400)
        raise Unroutable(respond_error(service, operation, protocol, malformed)) from None
    return Received(service, operation, protocol, parameters, HeadersDict(request.headers), str(uuid.uuid4()))


def service_of(claim: Claim, path: str) -> str:
    """botocore's name of the service that a request was signed for; the runtime of SageMaker signs as SageMaker."""
    if claim.service == "sagemaker" and path.startswith("/endpoints/"):
        return "sagemaker-runtime"
    return SIGNING_NAMES.get(claim.service, claim.service)


def respond_unsigned(environ: WSGIEnvironment) -> Response:
    """The answer to an anonymous caller; S3, which is all that has no form, no target and no dated path, denies the access."""
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if not (form or "HTTP_X_AMZ_TARGET" in environ or OF_OTHERS.match(environ["PATH_INFO"])):
        return respond_unrouted("s3", environ, AwsError("AccessDenied", "Access Denied", status=403))
    return as_json("MissingAuthenticationToken", "The request is not signed: local_aws answers signed AWS requests only.", 403)


def respond_unrouted(service: str, environ: WSGIEnvironment, error: AwsError) -> Response:
    """An error before the operation of a request is known, in the protocol of its service."""
    try:
        model = get_service_model(service)
        protocol = determine_request_protocol(model, Request(environ, populate_request=False).content_type)
    except (UnknownServiceError, NotImplementedError):
        return as_json(error.code, error.message, error.status or 400)
    return respond_error(service, OperationModel({}, model), protocol, error)


def unknown_operation(service: str, request: Request) -> Response:
    """AWS's answer to an unknown operation, in the protocol of the service."""
    wanted = request.headers.get("X-Amz-Target", "").split(".")[-1] or request.values.get("Action") or f"{request.method} {request.path}"
    try:
        model = get_service_model(service)
    except UnknownServiceError:
        return as_json("UnknownOperationException", f"local_aws has no service {service}.", 404)
    return respond_error(service, OperationModel({}, model), str(model.protocol), not_implemented(service, wanted, str(model.protocol)))


def not_implemented(service: str, operation: str, protocol: str) -> AwsError:
    """The error for an operation that is neither executed nor kept."""
    message = f"local_aws does not execute {service}:{operation}, and refuses it rather than pretend (docs/local-aws.md has the list)."
    if service == "s3":
        return AwsError("NotImplemented", message, status=501)
    if protocol in ("query", "ec2"):
        return AwsError("InvalidAction", message, status=400)
    return AwsError("UnknownOperationException", message, status=404)


def respond(received: Received, result: dict[str, Any] | AwsError) -> Response:
    """Serialise a handler's result or error."""
    if isinstance(result, AwsError):
        return respond_error(received.service, received.operation, received.protocol, result, received.request_id)
    return serialize(received.service, received.operation, received.protocol, result, received.request_id)


def respond_error(service: str, operation: OperationModel, protocol: str, error: AwsError, request_id: str = "") -> Response:
    response = serialize(service, operation, protocol, error, request_id or str(uuid.uuid4()))
    status = error.status or (STATUSES.get(error.code) if response.status == 400 else None)
    return Response(status or response.status, {**response.headers, **declared_headers(operation, error)}, response.body)


def declared_headers(operation: OperationModel, error: AwsError) -> dict[str, str]:
    """The members of an error that are HTTP headers (Retry-After of a throttled Invoke), which moto's serializers omit."""
    members = get_error_model(error, operation.service_model).members.items()
    headers = {
        shape.serialization["name"]: getattr(error, name, None)
        for name, shape in members
        if shape.serialization.get("location") == "header"
    }
    return {name: value for name, value in headers.items() if value is not None}


def serialize(service: str, operation: OperationModel, protocol: str, result: object, request_id: str) -> Response:
    serializer = get_serializer_class(service, protocol)(operation, context=SerializationContext(request_id))
    answer = serializer.serialize(result)
    body = answer["body"] or b""
    headers = {
        **answer["headers"],
        **declared_type(operation, result),
        "x-amz-request-id" if service == "s3" else "x-amzn-RequestId": request_id,
    }
    status = declared_status(operation, result) or answer["status_code"]
    return Response(status, headers, body.encode() if isinstance(body, str) else bytes(body))


def declared_status(operation: OperationModel, result: object) -> int | None:
    """The member of a result that is the HTTP status (Invoke's StatusCode), which moto's serializers omit."""
    status: int | None = declared(operation, result, "location", "statusCode")
    return status


def declared_type(operation: OperationModel, result: object) -> dict[str, str]:
    """The member of a result that is the Content-Type (InvokeEndpoint's ContentType), which moto's serializers overwrite."""
    content_type = declared(operation, result, "name", "Content-Type")
    return {"Content-Type": content_type} if content_type else {}


def declared(operation: OperationModel, result: object, trait: str, value: str) -> Any:
    if not isinstance(result, dict) or operation.output_shape is None:
        return None
    names = [name for name, shape in operation.output_shape.members.items() if shape.serialization.get(trait) == value]
    return next((result[name] for name in names if name in result), None)


def as_json(code: str, message: str, status: int) -> Response:
    body = json.dumps({"__type": code, "message": message}).encode()
    return Response(status, {"Content-Type": "application/json", "x-amzn-ErrorType": code}, body)

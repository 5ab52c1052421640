"""The calls that moto answers from its records: those of the catalogue, and no others."""

import json
import re
import sys
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from local_aws.call import AwsError, Call
from local_aws.catalogue import is_kept
from local_aws.cloud import Cloud
from local_aws.store.objects import stream_object
from local_aws.store.public_policy import refuse_public_policy
from local_aws.wire import Response, not_implemented

if TYPE_CHECKING:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

FORM = "application/x-www-form-urlencoded"  # which curl and Python's urllib send unless told otherwise
ANSWERED: ContextVar[str] = ContextVar("the operation that moto answers in this thread", default="")
XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")


class Books:
    """moto's WSGI applications, one for each service, made on first use."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._applications: dict[str, WSGIApplication] = {}

    @cached_property
    def _dispatcher(self) -> "DomainDispatcherApplication":
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        return DomainDispatcherApplication(create_backend_app)

    def answer(self, call: Call, environ: WSGIEnvironment) -> Response:
        """moto's answer; NotImplementedError for an operation that is not kept or that moto does not know.

        When moto fails, an error in its words.
        """
        if not is_kept(call.service, call.operation):
            raise NotImplementedError(call.operation)
        ANSWERED.set(call.operation)
        try:
            return self._answer(call, environ)
        except (NotImplementedError, ServiceException, HTTPException):
            raise
        except Exception as error:  # moto reads parameters that it does not check
            traceback.print_exc(file=sys.stderr)
            raise unkept(call, error) from error

    def _answer(self, call: Call, environ: WSGIEnvironment) -> Response:
        if call.service != "s3":
            return self._ask(call.service, environ)
        if call.operation == "PutBucketPolicy":
            bucket = self._cloud.books("s3").buckets.get(call.parameters["Bucket"])
            refuse_public_policy(bucket, call.parameters["Policy"], call.principal.session_arn or call.principal.arn)
        if environ["REQUEST_METHOD"] == "PUT" and environ.get("CONTENT_TYPE", "").startswith(FORM):
            environ["CONTENT_TYPE"] = "binary/octet-stream"  # moto would take the body for a form, and keep nothing
        ask = partial(self._ask, "s3")
        return stream_object(self._cloud, call, environ, ask) or ask(environ)

    def _ask(self, service: str, environ: WSGIEnvironment) -> Response:
        # moto's own dispatcher lists its folder at every request, which takes half of the time of a small request
        application = self._applications.get(service)
        if application is None:
            try:
                application = self._applications[service] = self._dispatcher.get_application(environ)
            except AttributeError as error:  # moto raises this when it has no such service
                raise NotImplementedError(service) from error
        status: list[str] = []
        headers: dict[str, str] = {}
        written: list[bytes] = []

        def start(line: str, items: list[tuple[str, str]], _error: object = None, /) -> Callable[[bytes], object]:
            status.append(line)
            headers.update(items)
            return written.append

        chunks = application(environ, start)
        body = b"".join([*written, *chunks])
        code = int(status[0].split(" ", 1)[0])
        if code in (404, 405) and headers.get("Content-Type", "").startswith("text/html") and b"<!doctype html>" in body[:100].lower():
            raise NotImplementedError(environ["PATH_INFO"])
        return Response(code, headers, body)


def unkept(call: Call, error: Exception) -> AwsError:
    """The refusal of a call on which moto fails: local_aws cannot keep it, so it does not say that it did."""
    refused = not_implemented(call.service, call.operation, str(get_service_model(call.service).protocol))
    reason = f"local_aws does not implement {call.service}:{call.operation} with these parameters: moto fails with {type(error).__name__}."
    return AwsError(refused.code, reason, status=refused.status)


def error_code(response: Response) -> str | None:
    """AWS's error code in an answer of any protocol; None when the answer is not an error."""
    if response.status < 400:
        return None
    if match := XML_CODE.search(response.body):
        return match[1].decode()
    header = next((value for name, value in response.headers.items() if name.lower() == "x-amzn-errortype"), "")
    return header.split(":")[0].split("#")[-1] or json_code(response.body) or str(response.status)


def json_code(body: bytes) -> str:
    try:
        document: Any = json.loads(body)
    except ValueError:
        return ""
    return str(document.get("__type", "")).split("#")[-1] if isinstance(document, dict) else ""

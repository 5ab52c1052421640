"""The front: every request becomes one call, which is authorised, executed by a service or by moto, and recorded in the journal."""

import io
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.core.exceptions import ServiceException

from local_aws.books import Books, error_code
from local_aws.call import AwsError, Call, Operations, Principal
from local_aws.chunks import join
from local_aws.claims import Claim, claim_of, claimed_service
from local_aws.compression import expand
from local_aws.control import PREFIX, Control
from local_aws.faults import Fault, Faults
from local_aws.http_request import HttpRequest, request_of
from local_aws.http_server import ConnectionDropped
from local_aws.journal import Entry, Journal
from local_aws.validation.calls import validate
from local_aws.wire import (
    Received,
    Response,
    Unroutable,
    not_implemented,
    receive,
    respond,
    respond_unrouted,
    respond_unsigned,
    service_of,
)


class Authority(Protocol):
    """The authority decides who the caller is, which permission a call needs, and whether the caller has it."""

    def authenticate(self, service: str, claim: Claim, request: HttpRequest) -> Principal:
        """The principal who signed a request; AwsError when the signature does not hold."""

    def describe(self, call: Call) -> Entry:
        """The entry of a call in the journal: who, and which permissions it needs."""

    def authorize(self, call: Call) -> None:
        """Raise AwsError when the caller has no permission for the call."""


class Front:
    """A WSGI application: handlers answer their operations, moto answers all others, `control` the path that is no part of AWS.

    `keep` keeps what a call has changed, before it is answered.
    """

    def __init__(
        self,
        operations: Operations,
        authority: Authority,
        faults: Faults,
        journal: Journal,
        books: Books,
        control: Control | None = None,
        keep: Callable[[Call], None] = lambda _call: None,
    ) -> None:
        self._operations, self._authority, self._faults, self._journal = operations, authority, faults, journal
        self._books, self._control, self._keep = books, control, keep

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = request_of(environ, environ["wsgi.input"].read())
        control = self._control if request.path.startswith(PREFIX) else None
        response = control.answer(request) if control else self._answer(environ, request)
        headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        length = content_length(environ, response)
        start_response(status_line(response.status), [*headers.items(), ("Content-Length", length)])
        return response.stream or [response.body]

    def _answer(self, environ: WSGIEnvironment, request: HttpRequest) -> Response:
        claim = claim_of(request)
        if claim is None:
            return self._refused(respond_unsigned(environ), "", claimed_service(request), request)
        service = service_of(claim, environ["PATH_INFO"])
        try:
            principal = self._authority.authenticate(service, claim, request)
            body = expand(service, join(request, environ), environ)
        except AwsError as error:
            return self._refused(respond_unrouted(service, environ, error), claim.key_id, service, request)
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            received = receive(environ, body, service)
        except Unroutable as unroutable:
            return self._refused(unroutable.response, principal.arn, service, request)
        environ["wsgi.input"] = io.BytesIO(body)
        return self._answer_call(received, principal, environ)

    def _refused(self, response: Response, caller: str, service: str, request: HttpRequest) -> Response:
        """The answer to a request that does not become a call, after a line in the journal."""
        self._journal.write(Entry(caller, f"{service}:?", request.path, error_code(response) or ""))
        return response

    def _answer_call(self, received: Received, principal: Principal, environ: WSGIEnvironment) -> Response:
        fault = self._faults.take(received.service, received.operation.name)
        if fault is not None:
            time.sleep(fault.delay)
        response, entry = self._carry_out(received, principal, environ, fault)
        self._journal.write(replace(entry, fault=fault.id if fault else None, outcome=error_code(response) or "ok"))
        if fault is not None and fault.drop:
            raise ConnectionDropped
        return response

    def _carry_out(self, received: Received, principal: Principal, environ: WSGIEnvironment, fault: Fault | None) -> tuple[Response, Entry]:
        call = Call(received.service, received.operation.name, principal, received.parameters, received.headers)
        entry = Entry(principal.arn, f"{received.service}:{received.operation.name}", "*")
        try:
            validate(call)
            entry = self._authority.describe(call)
            if fault is not None and fault.replaces_answer and fault.when == "before":
                return respond(received, fault.error), entry
            self._authority.authorize(call)
            response = self._apply(call, received, environ)
        except AwsError as error:
            response = respond(received, error)
        except ServiceException as error:  # raised by moto's records, which the services read
            response = respond(received, AwsError(error.code, error.message))
        except NotImplementedError:
            response = respond(received, not_implemented(received.service, received.operation.name, received.protocol))
        except Exception:  # the only place where a bug of a service becomes an answer
            traceback.print_exc(file=sys.stderr)
            message = f"local_aws failed in {received.service}:{received.operation.name}; its error output has the traceback."
            response = respond(received, AwsError("InternalFailure", message, status=500))
        if fault is not None and fault.replaces_answer and fault.when == "after":
            response = respond(received, fault.error)
        return response, entry

    def _apply(self, call: Call, received: Received, environ: WSGIEnvironment) -> Response:
        handler = self._operations.get((call.service, call.operation))
        response = respond(received, handler(call)) if handler else self._books.answer(call, environ)
        if response.status < 400:
            self._keep(call)
        return response


def status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def content_length(environ: WSGIEnvironment, response: Response) -> str:
    """The Content-Length of an answer; for HEAD, the length that GET would have."""
    declared = next((value for name, value in response.headers.items() if name.lower() == "content-length"), "0")
    return declared if environ["REQUEST_METHOD"] == "HEAD" else str(response.length or len(response.body))

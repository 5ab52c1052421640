"""The front: every request becomes one call, which is authorised, executed by a service or by moto, and recorded in the journal."""

import hmac
import io
import json
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.core.exceptions import ServiceException

from local_aws.books import Books, error_code
from local_aws.call import AwsError, Call, Operations, Principal
from local_aws.chunks import join
from local_aws.claims import Claim, claim_of, claimed_service
from local_aws.faults import Fault, Faults
from local_aws.http_request import HttpRequest, request_of
from local_aws.http_server import ConnectionDropped
from local_aws.journal import Entry, Journal
from local_aws.loops import Loops
from local_aws.stack_secrets import CONTROL_HEADER, Secrets
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

CONTROL = "/_local_aws/"


class Authority(Protocol):
    """The authority decides who the caller is, which permission a call needs, and whether the caller has it."""

    def authenticate(self, service: str, claim: Claim, request: HttpRequest) -> Principal:
        """The principal who signed a request; AwsError when the signature does not hold."""

    def describe(self, call: Call) -> Entry:
        """The entry of a call in the journal: who, and which permissions it needs."""

    def authorize(self, call: Call) -> None:
        """Raise AwsError when the caller has no permission for the call."""


class Control(Protocol):
    """A setting of the control path, which is not part of any AWS API."""

    def add(self, specification: Any) -> Any:
        """Make a dataclass from a JSON document and add it; ValueError says what is wrong with the document."""

    def list(self) -> list[dict[str, Any]]: ...

    def clear(self) -> None: ...


class Front:
    """A WSGI application: handlers answer their operations, moto answers all others; `controls` maps paths to controls."""

    def __init__(
        self,
        operations: Operations,
        authority: Authority,
        faults: Faults,
        journal: Journal,
        books: Books,
        controls: Mapping[str, Control] | None = None,
        secrets: Secrets | None = None,
        loops: Loops | None = None,
    ) -> None:
        self._operations, self._authority, self._faults, self._journal = operations, authority, faults, journal
        self._books, self._control_header = books, (secrets or Secrets()).control_header
        self._loops = loops or Loops()
        self._controls: dict[str, Control] = {"faults": faults, **(controls or {})}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = request_of(environ, environ["wsgi.input"].read())
        response = self._control(request) if request.path.startswith(CONTROL) else self._answer(environ, request)
        headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        length = content_length(environ, response)
        start_response(status_line(response.status), [*headers.items(), ("Content-Length", length)])
        return response.stream or [response.body]

    def _answer(self, environ: WSGIEnvironment, request: HttpRequest) -> Response:
        claim = claim_of(request)
        if claim is None:
            return self._refused(respond_unsigned(), "", claimed_service(request), request)
        service = service_of(claim, environ["PATH_INFO"])
        try:
            principal = self._authority.authenticate(service, claim, request)
        except AwsError as error:
            return self._refused(respond_unrouted(service, environ, error), claim.key_id, service, request)
        body = join(request, environ)
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
        return respond(received, handler(call)) if handler else self._books.answer(call, environ)

    def _control(self, request: HttpRequest) -> Response:
        method, path = request.method, request.path.removeprefix(CONTROL)
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._control_header.encode()):
            return as_json(403, {"error": f"{CONTROL} needs the token of this stack: curl -H @<state folder>/{CONTROL_HEADER}"})
        if (method, path) == ("GET", "health"):
            return health(self._loops.states())
        control = self._controls.get(path)
        if control is None:
            known = ", ".join(CONTROL + name for name in ("health", *self._controls))
            return as_json(404, {"error": f"no {CONTROL}{path}; there are {known}"})
        if method == "POST":
            try:
                return as_json(201, asdict(control.add(json.loads(request.body))))
            except ValueError as error:
                return as_json(400, {"error": str(error)})
        if method == "DELETE":
            control.clear()
        return as_json(200, control.list())


def as_json(status: int, document: Any) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(document).encode())


def health(loops: Mapping[str, str]) -> Response:
    """The answer to a health check: 503 when a background loop is dead or stuck, which its state names."""
    failing = any(state != "ok" for state in loops.values())
    return as_json(503 if failing else 200, {"status": "failing" if failing else "ok", "loops": loops})


def status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def content_length(environ: WSGIEnvironment, response: Response) -> str:
    """The Content-Length of an answer; for HEAD, the length that GET would have."""
    declared = next((value for name, value in response.headers.items() if name.lower() == "content-length"), "0")
    return declared if environ["REQUEST_METHOD"] == "HEAD" else str(response.length or len(response.body))

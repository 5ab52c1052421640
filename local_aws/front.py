"""The front: every request becomes one call, which is authorised, executed by a service or by moto, and recorded in the journal."""

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
from local_aws.faults import Fault, Faults
from local_aws.http_server import ConnectionDropped
from local_aws.journal import Entry, Journal
from local_aws.wire import Received, Response, Unroutable, not_implemented, receive, respond

CONTROL = "/_local_aws/"


class Authority(Protocol):
    """The authority decides who the caller is, which permission a call needs, and whether the caller has it."""

    def identify(self, service: str, access_key_id: str) -> Principal:
        """The principal of an access key; AwsError for an unknown key."""

    def describe(self, call: Call) -> tuple[str, str]:
        """(IAM action, resource ARN) of a call, for the journal."""

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
    ) -> None:
        self._operations, self._authority, self._faults, self._journal = operations, authority, faults, journal
        self._books = books
        self._controls: dict[str, Control] = {"faults": faults, **(controls or {})}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"].startswith(CONTROL):
            response = self._control(environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(CONTROL), body)
        else:
            response = self._answer(environ, body)
        headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        length = content_length(environ, response)
        start_response(status_line(response.status), [*headers.items(), ("Content-Length", length)])
        return response.stream or [response.body]

    def _answer(self, environ: WSGIEnvironment, body: bytes) -> Response:
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            received = receive(environ, body)
        except Unroutable as unroutable:
            outcome = error_code(unroutable.response) or ""
            self._journal.write(Entry(unroutable.access_key_id, f"{unroutable.service}:?", environ["PATH_INFO"], outcome))
            return unroutable.response
        environ["wsgi.input"] = io.BytesIO(body)
        fault = self._faults.take(received.service, received.operation.name)
        if fault is not None:
            time.sleep(fault.delay)
        response, entry = self._carry_out(received, environ, fault)
        self._journal.write(replace(entry, fault=fault.id if fault else None, outcome=error_code(response) or "ok"))
        if fault is not None and fault.drop:
            raise ConnectionDropped
        return response

    def _carry_out(self, received: Received, environ: WSGIEnvironment, fault: Fault | None) -> tuple[Response, Entry]:
        entry = Entry(received.access_key_id, f"{received.service}:{received.operation.name}", "*")
        try:
            call = self._identified(received)
            action, resource = self._authority.describe(call)
            entry = Entry(call.principal.arn, action, resource)
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

    def _identified(self, received: Received) -> Call:
        principal = self._authority.identify(received.service, received.access_key_id)
        return Call(received.service, received.operation.name, principal, received.parameters, received.headers)

    def _apply(self, call: Call, received: Received, environ: WSGIEnvironment) -> Response:
        handler = self._operations.get((call.service, call.operation))
        return respond(received, handler(call)) if handler else self._books.answer(call, environ)

    def _control(self, method: str, path: str, body: bytes) -> Response:
        if (method, path) == ("GET", "health"):
            return as_json(200, {"status": "ok"})
        control = self._controls.get(path)
        if control is None:
            known = ", ".join(CONTROL + name for name in ("health", *self._controls))
            return as_json(404, {"error": f"no {CONTROL}{path}; there are {known}"})
        if method == "POST":
            try:
                return as_json(201, asdict(control.add(json.loads(body))))
            except ValueError as error:
                return as_json(400, {"error": str(error)})
        if method == "DELETE":
            control.clear()
        return as_json(200, control.list())


def as_json(status: int, document: Any) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(document).encode())


def status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def content_length(environ: WSGIEnvironment, response: Response) -> str:
    """The Content-Length of an answer; for HEAD, the length that GET would have."""
    declared = next((value for name, value in response.headers.items() if name.lower() == "content-length"), "0")
    return declared if environ["REQUEST_METHOD"] == "HEAD" else str(response.length or len(response.body))

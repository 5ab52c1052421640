"""The control path `/_local_aws/`, which is no part of AWS: health, and settings that tests make. It needs the token of the stack."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

from local_aws.http_request import HttpRequest
from local_aws.loops import Loops
from local_aws.stack_secrets import CONTROL_HEADER, Secrets
from local_aws.wire import Response

PREFIX = "/_local_aws/"


class Setting(Protocol):
    """A setting of the control path."""

    def add(self, specification: Any) -> Any:
        """Make a dataclass from a JSON document and add it; ValueError says what is wrong with the document."""

    def list(self) -> list[dict[str, Any]]: ...

    def clear(self) -> None: ...


class Control:
    """Answers `/_local_aws/health` and the settings by their names."""

    def __init__(self, secrets: Secrets, loops: Loops, settings: Mapping[str, Setting]) -> None:
        self._secrets, self._loops, self._settings = secrets, loops, settings

    def answer(self, request: HttpRequest) -> Response:
        method, path = request.method, request.path.removeprefix(PREFIX)
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._secrets.control_header.encode()):
            return as_json(403, {"error": f"{PREFIX} needs the token of this stack: curl -H @<state folder>/{CONTROL_HEADER}"})
        if (method, path) == ("GET", "health"):
            return health(self._loops.states())
        setting = self._settings.get(path)
        if setting is None:
            known = ", ".join(PREFIX + name for name in ("health", *self._settings))
            return as_json(404, {"error": f"no {PREFIX}{path}; there are {known}"})
        if method == "POST":
            try:
                return as_json(201, asdict(setting.add(json.loads(request.body))))
            except ValueError as error:
                return as_json(400, {"error": str(error)})
        if method == "DELETE":
            setting.clear()
        return as_json(200, setting.list())


def health(loops: Mapping[str, str]) -> Response:
    """The answer to a health check: 503 when a background loop is dead or stuck, which its state names."""
    failing = any(state != "ok" for state in loops.values())
    return as_json(503 if failing else 200, {"status": "failing" if failing else "ok", "loops": loops})


def as_json(status: int, document: Any) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(document).encode())

"""One shell command of SSM on one instance: its request, its state and its output."""

import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from subprocess import TimeoutExpired
from typing import Any

from moto.core.utils import utcnow

from local_aws.instances.machine import Machine
from local_aws.processes import Child

DOCUMENT, PLUGIN = "AWS-RunShellScript", "aws:runShellScript"
EXECUTION_SECONDS, DELIVERY_SECONDS = "3600", 3600  # AWS's defaults
QUOTED = 24_000  # characters of output that GetCommandInvocation returns
KILLED = 137


class Command:
    """A command; `spec` is the SendCommand request. Standard error is part of the standard output here."""

    def __init__(self, spec: Mapping[str, Any], machine: Machine) -> None:
        self.id, self.spec, self.machine = str(uuid.uuid4()), spec, machine
        self.requested, self.status, self.details = utcnow(), "Pending", "Pending"
        self._started: datetime | None = None
        self._ended: datetime | None = None
        self._code, self._output = -1, ""
        self._child: Child | None = None
        self._cancelled = threading.Event()

    @property
    def is_over(self) -> bool:
        return self._ended is not None

    def run(self, on_line: Callable[[str], None]) -> None:
        """Run the command to its end in this thread; when the instance ends, the state of the command stays as it was."""
        script = self.machine.write(f"commands/{self.id}/_script.sh", "\n".join(self.spec["Parameters"]["commands"]))
        child = self._child = self.machine.start(["sh", script.name], folder=f"commands/{self.id}", on_line=self._listener(on_line))
        if child is None:
            return
        self._started, self.status, self.details = utcnow(), "InProgress", "InProgress"
        try:
            code = child.wait(float(self._parameter("executionTimeout", EXECUTION_SECONDS)))
        except TimeoutExpired:
            child.kill()
            self._end("TimedOut", "ExecutionTimedOut", KILLED)
            return
        if self._cancelled.is_set():
            self._end("Cancelled", "Cancelled", code)
        elif not self.machine.ended:
            outcome = "Failed" if code else "Success"
            self._end(outcome, outcome, code)

    def cancel(self) -> None:
        self._cancelled.set()
        if self._child is not None and not self.is_over:
            self._child.kill()

    def describe(self) -> dict[str, Any]:
        """The command as in the ListCommands answer."""
        waits = timedelta(
            seconds=self.spec.get("TimeoutSeconds", DELIVERY_SECONDS) + int(self._parameter("executionTimeout", EXECUTION_SECONDS))
        )
        counts = {"TargetCount": 1, "CompletedCount": int(self.is_over), "ErrorCount": int(self.status in ("Failed", "TimedOut"))}
        return {
            **self._common(),
            **counts,
            "Parameters": self.spec["Parameters"],
            "InstanceIds": [self.machine.id],
            "ExpiresAfter": self.requested + waits,
        }

    def summary(self, *, details: bool) -> dict[str, Any]:
        """The command as in the ListCommandInvocations answer."""
        plugin = {
            "Name": PLUGIN,
            "Status": self.status,
            "StatusDetails": self.details,
            "ResponseCode": self._code,
            "Output": self._output,
            **({"ResponseStartDateTime": self._started} if self._started else {}),
            **({"ResponseFinishDateTime": self._ended} if self._ended else {}),
        }
        return {**self._common(), "InstanceId": self.machine.id, "CommandPlugins": [plugin] if details else []}

    def invocation(self) -> dict[str, Any]:
        """The GetCommandInvocation answer."""
        return {
            **self._common(),
            "InstanceId": self.machine.id,
            "PluginName": PLUGIN,
            "ResponseCode": self._code,
            "StandardOutputContent": self._output,
            "StandardErrorContent": "",
            "ExecutionStartDateTime": self._started.isoformat() if self._started else "",
            "ExecutionEndDateTime": self._ended.isoformat() if self._ended else "",
        }

    def _common(self) -> dict[str, Any]:
        asked = {name: self.spec[name] for name in ("Comment", "CloudWatchOutputConfig", "TimeoutSeconds") if name in self.spec}
        stands = {"Status": self.status, "StatusDetails": self.details, "RequestedDateTime": self.requested}
        return {"CommandId": self.id, "DocumentName": DOCUMENT, **asked, **stands}

    def _parameter(self, name: str, default: str) -> str:
        return str(self.spec["Parameters"].get(name, [default])[0])

    def _listener(self, on_line: Callable[[str], None]) -> Callable[[str], None]:
        def read_line(line: str) -> None:
            self._output = (self._output + line + "\n")[:QUOTED]
            on_line(line)

        return read_line

    def _end(self, status: str, details: str, code: int) -> None:
        self._code, self.status, self.details, self._ended = code, status, details, utcnow()

"""The lines that Lambda writes to the log stream of an environment, and their tail for `LogType=Tail`."""

import base64
import math
from datetime import UTC, datetime

from local_aws.functions.outcome import Outcome
from local_aws.functions.spec import Spec
from local_aws.iam.on_behalf import Log

TAIL_BYTES = 4096


class Transcript:
    """The log of one invocation: START, the function's own lines, END, REPORT."""

    def __init__(self, log: Log, request_id: str, spec: Spec) -> None:
        self._log, self._request_id, self._spec = log, request_id, spec
        self._lines: list[str] = []
        self.add(f"START RequestId: {request_id} Version: {spec.version}")

    def add(self, line: str) -> None:
        self._log.write(line)
        self._lines.append(line)

    def end(self, outcome: Outcome, *, duration_ms: float, init_ms: float | None) -> None:
        """Write END and REPORT; `init_ms` is set when this invocation waited for the environment to start."""
        if outcome.status == "timeout":
            self.add(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {self._request_id} Task timed out after {self._spec.timeout:.2f} seconds")
        self.add(f"END RequestId: {self._request_id}")
        fields = [
            f"REPORT RequestId: {self._request_id}",
            f"Duration: {duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(duration_ms + (init_ms or 0))} ms",  # initialisation is billed since August 2025
            f"Memory Size: {self._spec.memory} MB",
        ]
        if init_ms is not None:
            fields.append(f"Init Duration: {init_ms:.2f} ms")
        if outcome.failed:
            fields.append(f"Status: {outcome.status}")
        self.add("\t".join(fields))

    def tail(self) -> str:
        """The last 4 KB, base64."""
        text = "".join(f"{line}\n" for line in self._lines).encode()
        return base64.b64encode(text[-TAIL_BYTES:]).decode()

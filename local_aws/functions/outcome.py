"""The outcome of an invocation: the payload for the caller, with Lambda's own message after a failure."""

import json
from dataclasses import dataclass

from local_aws.functions.runtime_api import Report, Stage

MAX_RESPONSE_BYTES = 6_291_556
SIGNALS = {128 + 9: "signal: killed", 128 + 11: "signal: segmentation fault", 128 + 15: "signal: terminated"}


@dataclass(frozen=True)
class Outcome:
    """The payload and the status for the REPORT line: success, error or timeout; the caller sees `failed` as FunctionError."""

    payload: bytes
    status: str = "success"

    @property
    def failed(self) -> bool:
        return self.status != "success"


def outcome_of(report: Report, *, request_id: str, timeout: float) -> Outcome:
    """The outcome for the last report of an invocation; `timeout` in seconds."""
    if report.stage is Stage.TIMEOUT:
        return Outcome(error("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"), "timeout")
    if report.stage is Stage.EXIT:
        return Outcome(error("Runtime.ExitError", f"RequestId: {request_id} Error: {exit_reason(report.status)}"), "error")
    if report.stage is Stage.RESPONSE and len(report.payload) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        return Outcome(error("Function.ResponseSizeTooLarge", message), "error")
    return Outcome(report.payload, "success" if report.stage is Stage.RESPONSE else "error")


def exit_reason(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    return f"Runtime exited with error: {SIGNALS.get(status, f'exit status {status}')}"


def error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()

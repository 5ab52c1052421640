"""Faults of AWS in writing calls, named after what a client sees of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import httpx
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from benchmarks.chaos.strikes import EVERYTHING, Call, Point, Send, Share, Strike, read_points
from tests.lab.running_aws import RunningAws

Fault = Literal["throttled", "5xx before", "5xx after", "dropped after", "stalled after"]
FAULTS: tuple[Fault, ...] = ("throttled", "5xx before", "5xx after", "dropped after", "stalled after")
THROTTLED: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "s3": ("SlowDown", 503),
        "lambda": ("TooManyRequestsException", 429),
        "ec2": ("RequestLimitExceeded", 503),
        "cloudwatch": ("Throttling", 400),
        "sns": ("Throttling", 400),
    }
)
DENIED = "AccessDeniedException"


@dataclass(frozen=True)
class Control:
    """The control path of an embedded AWS: it answers a fault in the protocol of the service."""

    url: str
    authorization: str

    @classmethod
    def of(cls, aws: RunningAws) -> "Control":
        return cls(aws.url, aws.secrets.control_header)

    def fail(self, call: Call, code: str, status: int, when: str) -> None:
        """Let the next call of this operation fail, before or after it is applied."""
        service, operation = call.operation.split(":")
        fault = {"service": service, "operation": operation, "code": code, "status": status, "when": when}
        answer = httpx.post(f"{self.url}/_local_aws/faults", json=fault, headers={"Authorization": self.authorization})
        answer.raise_for_status()


@dataclass(frozen=True)
class FailOnce(Strike):
    """The fault in every writing call of the share, once for each; a retry of the same call is answered."""

    control: Control
    fault: Fault
    share: Share = EVERYTHING

    def meet(self, call: Call, send: Send) -> AWSResponse | None:
        point = Point(self.fault, call)
        if not call.writes or point not in self.share or point in read_points(self.log):
            return None
        self.note(point)
        return self.answered(call, send)

    def answered(self, call: Call, send: Send) -> AWSResponse:
        """The answer that the client sees, or the error."""
        if self.fault == "throttled":
            self.control.fail(call, *THROTTLED.get(call.operation.split(":")[0], ("ThrottlingException", 400)), "before")
        elif self.fault in ("5xx before", "5xx after"):
            self.control.fail(call, "InternalFailure", 500, self.fault.split()[1])
        answer = send()
        if self.fault == "dropped after":
            raise ConnectionClosedError(endpoint_url=self.control.url)
        if self.fault == "stalled after":
            raise ReadTimeoutError(endpoint_url=self.control.url)
        return answer


@dataclass(frozen=True)
class Deny(Strike):
    """AccessDenied for the first writing call that no earlier run was denied, and for this call whenever the run makes it again."""

    control: Control
    share: Share = EVERYTHING
    earlier: frozenset[Point] = frozenset()

    def meet(self, call: Call, send: Send) -> AWSResponse | None:
        point = Point("denied", call)
        now = set(read_points(self.log)) - self.earlier
        if not call.writes or point not in self.share or point in self.earlier or (now and point not in now):
            return None
        if not now:
            self.note(point)
        self.control.fail(call, DENIED, 403, "before")
        return send()

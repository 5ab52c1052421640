"""Strikes at the calls to AWS of this process: a strike may kill the process, or answer in place of AWS."""

import os
import re
import signal
import threading
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore import handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.model import OperationModel

READING = ("Describe", "Get", "List", "Head", "Invoke")
NAMING = re.compile(r"(?!.*Role).*(Names?|Arn|ResourceId|InstanceIds?|Key|Prefix|Qualifier|FunctionVersion)$")
CHANGING = re.compile(r"[0-9a-f]{8,}(-[0-9a-f]{4,})*|\d+")  # keys, ids and numbers differ from run to run
Send = Callable[[], AWSResponse]


@dataclass(frozen=True, order=True)
class Call:
    """One call to AWS: `sagemaker:CreateModel`, and the names in its parameters without what differs from run to run."""

    operation: str
    resource: str

    @property
    def writes(self) -> bool:
        return not self.operation.split(":")[1].startswith(READING)


@dataclass(frozen=True, order=True)
class Point:
    """A point at which something strikes: `phase` is before or after the call, or the kind of fault."""

    phase: str
    call: Call

    def __str__(self) -> str:
        return f"{self.phase} {self.call.operation} {self.call.resource}"


@dataclass(frozen=True)
class Share:
    """The points whose checksum has this remainder; all points for `of=1`. `turn` rotates it."""

    turn: int = 0
    of: int = 1

    def __contains__(self, point: Point) -> bool:
        return zlib.crc32(str(point).encode()) % self.of == self.turn % self.of


EVERYTHING = Share()


@dataclass(frozen=True)
class Strike(ABC):
    """A change of the calls of a process; each point that it strikes is written to `log`, because the process may not live to tell."""

    log: Path

    @abstractmethod
    def meet(self, call: Call, send: Send) -> AWSResponse | None:
        """Answer a call in place of AWS, or None; may raise an HTTPClientError of botocore. One call is met at a time."""

    def note(self, point: Point) -> None:
        with self.log.open("a") as file:
            file.write(f"{point.phase}\t{point.call.operation}\t{point.call.resource}\n")


def read_points(log: Path) -> list[Point]:
    """The points that strikes wrote to a log, in their order."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [Point(phase, Call(operation, resource)) for phase, operation, resource in (line.split("\t") for line in lines)]


@dataclass(frozen=True)
class Kill(Strike):
    """SIGKILL at the first point that belongs to the share and that the log does not hold yet."""

    share: Share = EVERYTHING

    def meet(self, call: Call, send: Send) -> AWSResponse | None:
        struck = read_points(self.log)
        before, after = (Point(phase, call) for phase in ("before", "after"))
        if before in self.share and before not in struck:
            self.die(before)
        if after in self.share and after not in struck:
            send()
            self.die(after)
        return None

    def die(self, point: Point) -> None:
        self.note(point)
        os.kill(os.getpid(), signal.SIGKILL)


def install(strike: Strike, project: str) -> None:
    """Let the strike meet every call of the clients that this process makes from now on."""
    of_thread, one_at_a_time = threading.local(), threading.Lock()

    def build(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
        of_thread.call = Call(f"{model.service_model.service_name}:{model.name}", named(params, project))

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        with one_at_a_time:
            return strike.meet(of_thread.call, lambda: URLLib3Session().send(request))

    handlers.BUILTIN_HANDLERS += [("before-parameter-build", build), ("before-send", send)]


def named(params: Mapping[str, Any], project: str) -> str:
    """The values of the parameters that name something, in their order."""
    values = (str(value) for name, value in params.items() if NAMING.fullmatch(name))
    return CHANGING.sub("*", " ".join(values).replace(project, "project"))

"""Faults on demand: an error, a delay or a dropped connection for the next calls of an operation, before or after it is applied.

Set over `/_local_aws/faults`: POST adds a fault, GET lists the faults that are left, DELETE removes all.
"""

import itertools
import threading
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from local_aws.call import AwsError

WHEN = ("before", "after")


@dataclass(frozen=True)
class Fault:
    """A fault in the next `times` calls: it waits `delay` seconds, then answers `code` or drops the connection.

    With `when="after"` the call is executed first and only its answer is lost. `operation` "*" means every operation of the service.
    """

    service: str
    operation: str
    code: str = ""
    message: str = "Injected by local_aws."
    status: int | None = None
    delay: float = 0.0
    times: int = 1
    when: str = "before"
    drop: bool = False
    id: str = ""

    @property
    def replaces_answer(self) -> bool:
        return bool(self.code) or self.drop

    @property
    def error(self) -> AwsError:
        """The error in the journal, and in the answer unless the connection is dropped."""
        return AwsError("dropped" if self.drop else self.code, self.message, status=self.status)


class Faults:
    """The faults that are left, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, specification: Any) -> Fault:
        """Add a fault from a JSON object with the fields of Fault; ValueError says what is wrong with the object."""
        fault = replace(parse_fault(specification), id=f"fault-{next(self._numbers)}")
        with self._lock:
            self._waiting.append(fault)
        return fault

    def take(self, service: str, operation: str) -> Fault | None:
        """Take the fault for this call, and reduce its `times` by one; None when no fault matches."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.service == service and fault.operation in (operation, "*"):
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[index : index + 1] = left
                    return fault
        return None

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()


def parse_fault(specification: Any) -> Fault:
    if not isinstance(specification, dict):
        raise ValueError(f"a fault is a JSON object, got {specification!r}")
    types = {field.name: field.type for field in fields(Fault) if field.name != "id"}
    if unknown := sorted(specification.keys() - types.keys()):
        raise ValueError(f"unknown fields {unknown}; a fault has {sorted(types)}")
    if missing := sorted({"service", "operation"} - specification.keys()):
        raise ValueError(f"missing fields {missing}")
    for name, value in specification.items():
        check_type(name, value)
    return check_values(Fault(**specification))


def check_type(name: str, value: Any) -> None:
    expected: tuple[type, ...] = {"status": (int,), "times": (int,), "delay": (int, float), "drop": (bool,)}.get(name, (str,))
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        raise ValueError(f"{name} must be {' or '.join(kind.__name__ for kind in expected)}, got {value!r}")


def check_values(fault: Fault) -> Fault:
    if fault.when not in WHEN:
        raise ValueError(f"when must be one of {WHEN}, got {fault.when!r}")
    if fault.times < 1 or fault.delay < 0:
        raise ValueError(f"times must be at least 1 and delay at least 0, got {fault.times} and {fault.delay}")
    if not (fault.replaces_answer or fault.delay):
        raise ValueError("a fault needs a code, drop or a delay")
    if fault.status is not None and not 400 <= fault.status <= 599:
        raise ValueError(f"status must be an error from 400 to 599, got {fault.status}")
    return fault

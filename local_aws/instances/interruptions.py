"""Interruptions on demand: an instance ends as when EC2 reclaims a spot instance.

Set over `/_local_aws/instance-interruptions`. POST {"instance": "i-..."} interrupts at once. POST {"line": "epoch=2"} interrupts when a
command prints a line with this text, on any instance or on `instance`.
GET lists the interruptions that wait for a line, DELETE removes them.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from local_aws.instances.instances import Instances
from local_aws.instances.machine import Machine


@dataclass(frozen=True)
class Interruption:
    """One interruption of one instance."""

    instance: str = ""
    line: str = ""


class Interruptions:
    """The interruptions that wait for a line."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self._waiting: list[Interruption] = []
        self._lock = threading.Lock()

    def add(self, specification: Any) -> Interruption:
        """Add an interruption from a JSON object with the fields of Interruption; ValueError says what is wrong with the object."""
        interruption = parse_interruption(specification)
        if interruption.line:
            with self._lock:
                self._waiting.append(interruption)
            return interruption
        machine = self._instances.find(interruption.instance)
        if machine is None or machine.ended:
            raise ValueError(f"there is no instance {interruption.instance}")
        machine.interrupt()
        return interruption

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(interruption) for interruption in self._waiting]

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def read_line(self, machine: Machine, line: str) -> None:
        """Interrupt the machine when an interruption waits for this line, which a command on it has printed."""
        with self._lock:
            struck = next((each for each in self._waiting if each.instance in ("", machine.id) and each.line in line), None)
            if struck is not None:
                self._waiting.remove(struck)
        if struck is not None:
            machine.interrupt()


def parse_interruption(specification: Any) -> Interruption:
    fields = {"instance", "line"}
    if not isinstance(specification, dict) or not specification or specification.keys() - fields:
        raise ValueError(f"an interruption is a JSON object with {' or '.join(sorted(fields))}, got {specification!r}")
    if not all(isinstance(value, str) and value for value in specification.values()):
        raise ValueError(f"instance and line must be strings, got {specification!r}")
    return Interruption(**specification)

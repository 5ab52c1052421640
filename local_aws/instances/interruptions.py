"""Interruptions on demand: an instance is taken away as EC2 takes back a spot instance.

Set over `/_local_aws/instance-interruptions`: POST {"instance": "i-..."} at once, {"line": "epoch=2"} when a command on any instance, or
on the one that is named too, prints a line with that in it; GET those that wait for their line, DELETE them.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from local_aws.instances.instances import Instances
from local_aws.instances.machine import Machine


@dataclass(frozen=True)
class Interruption:
    """Strikes once."""

    instance: str = ""
    line: str = ""


class Interruptions:
    """Those that wait for their line."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self._waiting: list[Interruption] = []
        self._lock = threading.Lock()

    def add(self, specification: Any) -> Interruption:
        """ValueError says what is wrong with a specification, a JSON object with the fields of Interruption."""
        interruption = parse_interruption(specification)
        if interruption.line:
            with self._lock:
                self._waiting.append(interruption)
            return interruption
        machine = self._instances.find(interruption.instance)
        if machine is None or machine.ended:
            raise ValueError(f"no instance {interruption.instance} is there")
        machine.interrupt()
        return interruption

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(interruption) for interruption in self._waiting]

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def hear(self, machine: Machine, line: str) -> None:
        """A command on this machine has printed this line."""
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
        raise ValueError(f"instance and line are texts, got {specification!r}")
    return Interruption(**specification)

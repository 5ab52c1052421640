"""Spot interruptions on demand: a managed spot job loses its instances at a chosen moment.

Set over `/_local_aws/interruptions`: POST {"job": "pedigree--train-", "line": "epoch=1 ", "seconds": 3} adds one, GET lists those that
wait, DELETE removes all.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Interruption:
    """Interrupts one spot job whose name contains `job`, when a line of its log matches the regular expression `line`.

    Without `line` it interrupts at once, or as soon as such a job trains. No other instances are available for `seconds`.
    """

    job: str
    line: str = ""
    seconds: float = 0.0


Strike = Callable[[Interruption], None]


class Interruptions:
    """The interruptions that wait, in the order in which they were added, and the spot jobs that train."""

    def __init__(self) -> None:
        self._waiting: list[Interruption] = []
        self._training: dict[str, Strike] = {}
        self._lock = threading.Lock()

    def add(self, specification: Any) -> Interruption:
        """Add an interruption from a JSON object with the fields of Interruption; ValueError says what is wrong with the object."""
        interruption = parse_interruption(specification)
        with self._lock:
            self._waiting.append(interruption)
            training = list(self._training)
        for name in training:
            self.read(name, "")
        return interruption

    def watch(self, name: str, strike: Strike) -> None:
        """Register a spot job that begins to train; `strike` interrupts it."""
        with self._lock:
            self._training[name] = strike
        self.read(name, "")

    def unwatch(self, name: str) -> None:
        with self._lock:
            self._training.pop(name, None)

    def read(self, name: str, line: str) -> None:
        """Interrupt the job when an interruption matches the line that it printed; the line is empty when it has printed none."""
        with self._lock:
            strike = self._training.get(name)
            found = next((each for each in self._waiting if strike and each.job in name and re.search(each.line, line)), None)
            if strike is None or found is None:
                return
            self._waiting.remove(found)
            strike(found)

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(interruption) for interruption in self._waiting]

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()


def parse_interruption(specification: Any) -> Interruption:
    types: dict[str, tuple[type, ...]] = {"job": (str,), "line": (str,), "seconds": (int, float)}
    if not isinstance(specification, dict) or "job" not in specification or specification.keys() - types.keys():
        raise ValueError(f"an interruption is a JSON object with job, and optionally line and seconds, got {specification!r}")
    for name, value in specification.items():
        if not isinstance(value, types[name]) or isinstance(value, bool):
            raise ValueError(f"{name} must be {' or '.join(kind.__name__ for kind in types[name])}, got {value!r}")
    try:
        re.compile(specification.get("line", ""))
    except re.error as error:
        raise ValueError(f"line is not a regular expression: {error}") from error
    return Interruption(**specification)

"""Instance types without capacity, as when AWS has no instance left.

Set over `/_local_aws/capacity`: POST {"instance_type": "ml.g4dn.xlarge"}, GET lists these types, DELETE makes all types available again.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Shortage:
    instance_type: str


class Capacity:
    """Every instance type is available, except the types that were added."""

    def __init__(self) -> None:
        self._short: set[Shortage] = set()

    def lacks(self, instance_type: str) -> bool:
        return Shortage(instance_type) in self._short

    def add(self, specification: Any) -> Shortage:
        """Add a shortage from a JSON object with the field of Shortage; ValueError says what is wrong with the object."""
        if not isinstance(specification, dict) or specification.keys() != {"instance_type"}:
            raise ValueError(f"a shortage is a JSON object with instance_type, got {specification!r}")
        shortage = Shortage(str(specification["instance_type"]))
        self._short.add(shortage)
        return shortage

    def list(self) -> list[dict[str, Any]]:
        return [asdict(shortage) for shortage in list(self._short)]

    def clear(self) -> None:
        self._short.clear()

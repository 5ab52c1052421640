"""How fast the time of alarms, cooldowns and bakes goes, so that 300 s of it can be tested in seconds.

Set over `/_local_aws/pace`: POST {"speed": 60} lets a minute of AWS pass in a second, GET says what was set, DELETE has it real again.
Latencies, timeouts and timestamps are never scaled.
"""

from dataclasses import asdict, dataclass
from typing import Any

FASTEST = 600


@dataclass(frozen=True)
class Speed:
    speed: float


class Pace:
    """Shared by all services of a cloud."""

    def __init__(self) -> None:
        self._speed = 1.0

    def seconds(self, seconds: float) -> float:
        """The real seconds in which so many of AWS's pass."""
        return seconds / self._speed

    def add(self, specification: Any) -> Speed:
        if not isinstance(specification, dict) or specification.keys() != {"speed"}:
            raise ValueError(f'a pace is a JSON object with "speed", got {specification!r}')
        speed = specification["speed"]
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 1 <= speed <= FASTEST:
            raise ValueError(f"speed must be a number from 1 to {FASTEST}, got {speed!r}")
        self._speed = float(speed)
        return Speed(self._speed)

    def list(self) -> list[dict[str, Any]]:
        return [] if self._speed == 1 else [asdict(Speed(self._speed))]

    def clear(self) -> None:
        self._speed = 1.0

"""The pace of alarms, cooldowns and bake times: 300 s of AWS's time can pass in some real seconds.

Set over `/_local_aws/pace`: after POST {"speed": 60} a minute of AWS's time passes in a second; GET returns the speed, DELETE restores
real time. Latencies, timeouts and timestamps are never scaled.
"""

from dataclasses import asdict, dataclass
from typing import Any

FASTEST = 600


@dataclass(frozen=True)
class Speed:
    speed: float


class Pace:
    """The pace that all services of a cloud share."""

    def __init__(self) -> None:
        self._speed = 1.0

    def seconds(self, seconds: float) -> float:
        """Convert seconds of AWS's time to real seconds."""
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

"""Until when a request has to be answered."""

import time
from dataclasses import dataclass
from typing import Protocol


class Context(Protocol):
    """What the Lambda runtime passes beside the event."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


class DeadlinePassed(TimeoutError):
    pass


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock, in seconds."""

    end: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, more than 0; DeadlinePassed when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left


def seconds_left(context: Context, *, margin: float, at_most: float) -> float:
    """What a step may take: the function's remaining time less a margin, in seconds; 0 when there is none."""
    return max(0.0, min(context.get_remaining_time_in_millis() / 1000 - margin, at_most))

"""The deadline of a request."""

import time
from dataclasses import dataclass
from typing import Protocol


class Context(Protocol):
    """The context object that the Lambda runtime passes with the event."""

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
        """Seconds that are left, more than 0; DeadlinePassed when no time is left."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left


def seconds_left(context: Context, *, margin: float, at_most: float) -> float:
    """The time limit of a step in seconds: the function's remaining time minus a margin; 0 when no time is left."""
    return max(0.0, min(context.get_remaining_time_in_millis() / 1000 - margin, at_most))

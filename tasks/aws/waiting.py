"""Waiting for AWS: quick looks at first, slow ones later, and a deadline of our own."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from tasks.aws.errors import TimedOut

T = TypeVar("T")
FIRST_DELAY, LAST_DELAY, GROWTH = 0.2, 5.0, 1.3  # seconds


def wait_until(
    look: Callable[[], T],
    done: Callable[[T], bool],
    *,
    step: str,
    resource: str,
    seconds: float,
    each: Callable[[T], None] = lambda _: None,
) -> T:
    """Look again and again until `done`, calling `each` with what was seen; TimedOut after `seconds`."""
    end = time.monotonic() + seconds
    for delay in delays():
        seen = look()
        each(seen)
        if done(seen):
            return seen
        if time.monotonic() + delay > end:
            raise TimedOut(step, resource, f"not ready after {seconds:.0f} s", "look at it in the console; running again continues to wait")
        time.sleep(delay)
    raise AssertionError("delays never end")


def delays() -> Iterator[float]:
    delay = FIRST_DELAY
    while True:
        yield delay
        delay = min(delay * GROWTH, LAST_DELAY)

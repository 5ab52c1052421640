"""Waiting for AWS: short intervals first, longer ones later, and a deadline."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import TypeVar

from pedigree.aws.errors import GivenUp, Throttled, TimedOut

T = TypeVar("T")
FIRST_DELAY, LAST_DELAY, GROWTH = 0.2, 5.0, 1.3  # seconds
GIVING_UP: ContextVar[Event | None] = ContextVar("giving_up", default=None)  # Prefect hands it on to the threads of submitted tasks


@contextmanager
def giving_up() -> Iterator[Event]:
    """End every wait inside with GivenUp once this event is set, in every task; the resource itself continues."""
    event = Event()
    token = GIVING_UP.set(event)
    try:
        yield event
    finally:
        GIVING_UP.reset(token)


def wait_until(
    look: Callable[[], T],
    done: Callable[[T], bool],
    *,
    step: str,
    resource: str,
    seconds: float,
) -> T:
    """Call `look` until its answer is `done`; TimedOut after `seconds`, GivenUp inside `giving_up`."""
    end = time.monotonic() + seconds
    for delay in delays():
        seen = look()
        if done(seen):
            return seen
        if time.monotonic() + delay > end:
            raise TimedOut(step, resource, f"not ready after {seconds:.0f} s", "look at it in the console; running again continues to wait")
        if given_up_within(delay):
            raise GivenUp(step, resource, "what this run did beside it failed, or the run was ended", "see what failed there")
    raise AssertionError("delays never end")


class Busy(Exception):
    """An endpoint or function has too many requests to answer this one now."""


def ask_patiently(ask: Callable[[], T], *, step: str, resource: str, seconds: float) -> T:
    """The answer of `ask`, which is asked again while it raises Busy; Throttled after `seconds`."""

    def look() -> T | Busy:
        try:
            return ask()
        except Busy as busy:
            return busy

    try:
        answer = wait_until(look, lambda seen: not isinstance(seen, Busy), step=step, resource=resource, seconds=seconds)
    except TimedOut as error:
        cause = f"throttled for {seconds:.0f} s, so that it is neither proven nor refuted"
        raise Throttled(
            step, resource, cause, "run again when there is less traffic, or with more capacity: it goes on from here"
        ) from error
    assert not isinstance(answer, Busy), "waited for"
    return answer


def given_up_within(seconds: float) -> bool:
    """Sleep for this time, or until the event of `giving_up` is set."""
    event = GIVING_UP.get()
    if event is not None:
        return event.wait(seconds)
    time.sleep(seconds)
    return False


def delays() -> Iterator[float]:
    delay = FIRST_DELAY
    while True:
        yield delay
        delay = min(delay * GROWTH, LAST_DELAY)

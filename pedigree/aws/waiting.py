"""Waiting for AWS: short intervals first, longer ones later, and a deadline."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import TypeVar

from pedigree.aws.errors import AwsUnavailable, GivenUp, Throttled, TimedOut

T = TypeVar("T")
FIRST_DELAY, LAST_DELAY, GROWTH = 0.2, 5.0, 1.3  # seconds
OUTAGE = 300.0  # seconds
LOG = logging.getLogger(__name__)
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
    """Call `look` until its answer is `done`; TimedOut after `seconds`, GivenUp inside `giving_up`.

    While AWS does not answer `look` at all, it is asked again for OUTAGE seconds.
    """
    end = time.monotonic() + seconds
    away = Outage(step, resource)
    for delay in delays():
        with away.survived():
            seen = look()
            if done(seen):
                return seen
        if time.monotonic() + delay > end:
            raise TimedOut(step, resource, f"not ready after {seconds:.0f} s", "look at it in the console; running again continues to wait")
        if given_up_within(delay):
            raise GivenUp(step, resource, "what this run did beside it failed, or the run was ended", "see what failed there")
    raise AssertionError("delays never end")


class Outage:
    """The time for which AWS has not answered: what we wait for goes on without us, so the wait goes on too."""

    def __init__(self, step: str, resource: str) -> None:
        self._what = f"{step}: {resource}"
        self._since: float | None = None

    @contextmanager
    def survived(self) -> Iterator[None]:
        """Drop AwsUnavailable from the body, with a line in the log, unless the outage lasts longer than OUTAGE."""
        try:
            yield
        except AwsUnavailable as error:
            now = time.monotonic()
            if self._since is None:
                self._since = now
                LOG.warning(f"{self._what}: AWS does not answer ({error.cause}). Asking again for up to {OUTAGE / 60:.0f} min")
            elif now - self._since > OUTAGE:
                raise
        else:
            if self._since is not None:
                LOG.info(f"{self._what}: AWS answers again after {time.monotonic() - self._since:.0f} s")
            self._since = None


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

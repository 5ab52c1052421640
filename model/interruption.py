"""SIGTERM, which a spot instance gets two minutes before it is taken away and a stopped job before it is killed."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STOPPED = 128 + signal.SIGTERM  # exit status


@dataclass
class Stop:
    """Whether this process has been told to end."""

    asked: bool = False

    def ask(self) -> None:
        self.asked = True


def end_when_told() -> None:
    """SIGTERM ends the process from now on: process 1 of a container ignores it by default."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))


@contextmanager
def held_back() -> Iterator[Stop]:
    """In this block SIGTERM is only noted, for whoever must save something first; at its end it takes effect."""
    stop = Stop()
    before = signal.signal(signal.SIGTERM, lambda *_: stop.ask())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
    if stop.asked:
        sys.exit(STOPPED)

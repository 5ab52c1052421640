"""SIGTERM: a spot instance gets it two minutes before AWS takes it away, a stopped job before it is killed."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STOPPED = 128 + signal.SIGTERM  # exit status


@dataclass
class Stop:
    """Whether this process has received SIGTERM."""

    asked: bool = False

    def ask(self) -> None:
        self.asked = True


def end_on_sigterm() -> None:
    """Let SIGTERM end the process from now on: process 1 of a container ignores it by default."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))


@contextmanager
def deferred_sigterm() -> Iterator[Stop]:
    """Defer SIGTERM to the end of this block, so that the block can save its state first."""
    stop = Stop()
    before = signal.signal(signal.SIGTERM, lambda *_: stop.ask())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
    if stop.asked:
        sys.exit(STOPPED)

"""The background loops: threads that work periodically on many items, survive the failure of any item, and report to health."""

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from local_aws.pace import Pace

SELDOMEST = 1.0  # real seconds: new work must begin at once, not after a whole period of AWS's time
STUCK = 60.0  # real seconds in one round; a round of any loop takes milliseconds, or some calls of the API
Item = TypeVar("Item")


class Loop:
    """Calls `tick` every `seconds` of AWS's time, and at least once in a real second, from `start` until `close`.

    An exception is written to stderr, once for each type and line that raises it, and ends neither the loop nor the work on other items.
    """

    def __init__(self, name: str, tick: Callable[[], None], pace: Pace, seconds: float) -> None:
        self.name = name
        self._tick, self._pace, self._seconds = tick, pace, seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._began: float | None = None  # the start of the round in progress
        self._reported: set[tuple[str, str, int]] = set()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def each(self, items: Iterable[Item], work: Callable[[Item], object]) -> None:
        """Do the work on every item, whichever of them fail."""
        for item in items:
            self._survive(partial(work, item), f"with {item!r}")

    def state(self) -> str:
        """Say `ok`, or why the loop does not work."""
        began = self._began
        if not self._thread.is_alive():
            return "dead"
        if began is not None and time.monotonic() - began > STUCK:
            return f"stuck for {time.monotonic() - began:.0f} s"
        return "ok"

    def _run(self) -> None:
        while not self._closing.wait(min(SELDOMEST, self._pace.seconds(self._seconds))):
            self._began = time.monotonic()
            self._survive(self._tick, "in its round")
            self._began = None

    def _survive(self, work: Callable[[], object], where: str) -> None:
        try:
            work()
        except Exception as error:  # whatever it is, the other items must not wait for its repair
            last = traceback.extract_tb(error.__traceback__)[-1]
            kind = (type(error).__name__, last.filename, last.lineno or 0)
            if kind not in self._reported:
                self._reported.add(kind)
                print(f"local_aws: the loop of {self.name} failed {where} and goes on; it reports this once.", file=sys.stderr)
                traceback.print_exception(error, file=sys.stderr)


class Loops:
    """The loops of a server, in the order of their start."""

    def __init__(self) -> None:
        self._loops: list[Loop] = []

    def start(self, loop: Loop) -> None:
        loop.start()
        self._loops.append(loop)

    def states(self) -> dict[str, str]:
        return {loop.name: loop.state() for loop in self._loops}

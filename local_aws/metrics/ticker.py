"""A thread that calls a function periodically, in AWS's time as `pace` scales it."""

import threading
from collections.abc import Callable

from local_aws.pace import Pace

SELDOMEST = 1.0  # real seconds: new work must begin at once, not after a whole period of AWS's time


class Ticker:
    """Calls `tick` every `seconds` of AWS's time, and at least once in a real second, from `start` until `close`."""

    def __init__(self, name: str, tick: Callable[[], None], pace: Pace, seconds: float) -> None:
        self._tick, self._pace, self._seconds = tick, pace, seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(min(SELDOMEST, self._pace.seconds(self._seconds))):
            self._tick()

"""What looks again and again, in the time that `pace` makes of AWS's."""

import threading
from collections.abc import Callable

from local_aws.pace import Pace

SELDOMEST = 1.0  # real seconds: nobody waits a period of AWS's for something to begin


class Ticker:
    """Calls `tick` every so many seconds of AWS's time, and at least once a real second, from `start` until `close`."""

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

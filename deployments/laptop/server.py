"""Prefect's server with the watch over its runs: `python -m deployments.laptop.server` is `prefect server start`.

It collects garbage outside the event loop. A SQL statement that failed leaves its cursor in the reference cycle of the traceback.
Collecting the cursor resets it, and the reset waits for the connection. If Python collects it on the event loop's thread, a deadlock is
possible: the connection waits for SQLite's lock, and the holder of the lock waits for the event loop to commit. The server would hang for
60 s, Prefect's timeout for a statement.
"""

import gc
import sys
import threading
import time

from prefect.cli import app

from deployments.verdicts import Windows
from deployments.watch import watch_on_thread

SECONDS = 5.0
START_SECONDS = 30.0


def main() -> None:
    collect_on_thread()
    watch_on_thread(Windows())
    sys.argv = ["prefect", "server", "start", *sys.argv[1:]]
    app()


def collect_on_thread() -> None:
    """Collect garbage only on a separate thread from now on."""
    gc.disable()
    threading.Thread(target=collect_again_and_again, name="garbage collector", daemon=True).start()


def collect_again_and_again() -> None:
    time.sleep(START_SECONDS)
    gc.collect()
    gc.freeze()  # objects of the start stay alive; scanning them at every collection would stop the server for most of a second
    while True:
        time.sleep(SECONDS)
        gc.collect()


if __name__ == "__main__":
    main()

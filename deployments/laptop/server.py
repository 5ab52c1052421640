"""Prefect's server, its garbage collected beside the event loop: `python -m deployments.laptop.server` is `prefect server start`.

A statement that failed leaves its cursor in the traceback's cycle of references. Whoever collects it resets it, and that waits for what its
connection does now. On the event loop's thread, where Python collects, the connection may be waiting for SQLite's lock, whose holder waits
for the event loop to commit: the server would stand still for the 60 s that Prefect lets a statement wait.
"""

import gc
import sys
import threading
import time

from prefect.cli import app

SECONDS = 5.0
START_SECONDS = 30.0


def main() -> None:
    collect_beside()
    sys.argv = ["prefect", "server", "start", *sys.argv[1:]]
    app()


def collect_beside() -> None:
    """From now on only a thread of its own collects."""
    gc.disable()
    threading.Thread(target=collect_again_and_again, name="garbage collector", daemon=True).start()


def collect_again_and_again() -> None:
    time.sleep(START_SECONDS)
    gc.collect()
    gc.freeze()  # what the start made stays; to look at it every time would stop the server for most of a second
    while True:
        time.sleep(SECONDS)
        gc.collect()


if __name__ == "__main__":
    main()

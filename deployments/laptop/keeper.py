"""Keep the worker running: start it again whenever it ends, until this process itself ends.

    python -m deployments.laptop.keeper

The worker reads a pipe that only this process holds, so the worker ends with this process, even after a SIGKILL.
"""

import os
import signal
import subprocess
import sys
import time

PAUSE = 2.0  # seconds: a worker that cannot start must not keep the machine busy
GRACE = 8.0  # seconds


def main() -> None:
    keep([sys.executable, "-m", "deployments.laptop.worker"])


def keep(command: list[str]) -> None:
    """Run the command again and again; SIGTERM ends the command and this process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    while True:
        with subprocess.Popen(command, stdin=subprocess.PIPE) as kept:  # noqa: S603  our own module; leaving closes the pipe
            status = kept.wait()
        print(f"The worker ended with status {status}; it is started again.", flush=True)
        time.sleep(PAUSE)


def end_with_keeper() -> None:
    """Run in the worker: wait for the end of standard input, then end this process, first with SIGTERM."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)  # Prefect turns SIGTERM into SIGINT, which a process ignores that a script started with `&`


if __name__ == "__main__":
    main()

"""Run a command that ends when its parent ends: `guard.py FD command...`; FD is the read end of a pipe that the parent holds.

End of file on FD means that the parent closed the pipe or died (SIGKILL included): the guard then kills the command's process group.
The guard forwards SIGTERM. It is started with `-I -S`, so it imports the standard library only.
"""

import os
import signal
import subprocess
import sys
import threading

CANNOT_START = 127  # the exit status of a shell for a command that does not exist


def main(lifeline: int, command: list[str]) -> int:
    early: list[int] = []  # a SIGTERM during the start of the command must reach the command, not end the guard alone
    signal.signal(signal.SIGTERM, lambda number, _frame: early.append(number))
    try:
        child = subprocess.Popen(command, start_new_session=True)
    except OSError as error:
        print(f"cannot start {command[0]}: {error.strerror}", flush=True)
        return CANNOT_START
    signal.signal(signal.SIGTERM, lambda number, _frame: kill_group(child.pid, number))
    for number in early:
        kill_group(child.pid, number)
    threading.Thread(target=wait_for_parent, args=(lifeline, child.pid), daemon=True).start()
    code = child.wait()
    kill_group(child.pid, signal.SIGKILL)  # processes that the command left behind in its group
    return code if code >= 0 else 128 - code


def wait_for_parent(lifeline: int, group: int) -> None:
    os.read(lifeline, 1)
    kill_group(group, signal.SIGKILL)


def kill_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        return


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))

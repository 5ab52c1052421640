"""Run a command that ends when its parent does: `guard.py FD command...`, FD the read end of a pipe the parent holds.

End of file on FD means that the parent closed it or died (SIGKILL included): the command's process group is killed.
SIGTERM is passed on. Started with `-I -S`, so it imports the standard library only.
"""

import os
import signal
import subprocess
import sys
import threading

CANNOT_START = 127  # what a shell answers for a command that is not there


def main(lifeline: int, command: list[str]) -> int:
    early: list[int] = []  # a SIGTERM that comes while the command is being started must reach it, not end the guard alone
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
    kill_group(child.pid, signal.SIGKILL)  # what the command left behind in its group
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

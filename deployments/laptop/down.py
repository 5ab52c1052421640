"""End every process of the stack: `python -m deployments.laptop.down`."""

import sys
from pathlib import Path

from deployments.laptop import processes
from deployments.laptop.stack import Stack, default_folder, only_one


def main() -> int:
    ended = bring_down(default_folder())
    print(f"Ended: {', '.join(ended)}." if ended else "No process of the stack is running.")
    return 0


def bring_down(folder: Path) -> list[str]:
    """End every process that was started for the stack in `folder`; return their names."""
    if not folder.exists():
        return []
    with only_one(folder):
        stack = Stack.load(folder)
        running = {name: process for name, service in stack.services.items() if (process := processes.find(service))}
        # a flow run has its own session and outlives a worker that was killed: only its environment identifies it
        runs = [process for process in processes.belonging_to(folder) if process not in running.values()]
        processes.stop(runs)  # first, while the server still runs and can record that they end
        processes.stop(running.values())
        stack.services.clear()
        stack.save()
    return [*running, *(f"flow run process {process.pid}" for process in runs)]


if __name__ == "__main__":
    sys.exit(main())

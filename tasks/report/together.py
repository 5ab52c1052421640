"""Several stages of a run side by side."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prefect import Task
from prefect.futures import as_completed

from tasks.aws.waiting import giving_up
from tasks.report.record import Record, counting

R = TypeVar("R")


@dataclass(frozen=True)
class Call(Generic[R]):
    """A task that is yet to be called, with its arguments."""

    task: Task[..., R]
    arguments: tuple[Any, ...]


def run_together(record: Record, calls: Mapping[str, Call[R]], *, on_failure: Callable[[], object]) -> dict[str, R]:
    """What these calls gave, each made as the stage of its name, all at once.

    When one fails, the others give up waiting; once all have ended, `on_failure` is called and the first failure raised. A run that is
    cancelled or killed waits for nothing and calls nothing: what it started is stopped by its hook, or adopted when it is resumed.
    """
    begun, failures = time.monotonic(), list[BaseException]()
    with giving_up() as given_up:
        running = {submit(record, name, call): name for name, call in calls.items()}
        try:
            for future in as_completed(list(running)):
                ended = future.result(raise_on_failure=False)
                record.end(running.pop(future), begun, ended)
                if isinstance(ended, BaseException):
                    failures.append(ended)
                    given_up.set()
        except BaseException as error:
            given_up.set()
            for name in running.values():
                record.end(name, begun, error)
            raise
    if failures:
        on_failure()
        raise failures[0]
    return {name: record.values[name] for name in calls}


def submit(record: Record, name: str, call: Call[R]) -> Any:
    """The call's future; its log lines carry the name of its stage, which tells them from those of the others."""
    named: Task[..., R] = call.task.with_options(task_run_name=name)
    return counting(record.stages[name], named).submit(*call.arguments)

"""A stage of a run is a task that records itself: when it began and ended, how often it was tried, what it gave."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import Task, get_run_logger
from prefect.exceptions import MissingContextError

from pedigree.report.record import Record, Stage

P = ParamSpec("P")
R = TypeVar("R")
RECORD: ContextVar[Record | None] = ContextVar("record", default=None)  # Prefect hands it on to the threads of submitted tasks


@contextmanager
def recorded(flow_run_id: str, names: Iterable[str]) -> Iterator[Record]:
    """Inside, every stage is recorded; `names` are those that are expected, in their order."""
    record = Record(flow_run_id, names)
    token = RECORD.set(record)
    try:
        yield record
    finally:
        record.close()
        RECORD.reset(token)


def stage(name: str, **options: Any) -> Callable[[Callable[P, R]], Task[P, R]]:
    """As Prefect's `task`; the task is the stage `name` of its run, which may hold attributes of its arguments: `{way.stage}`."""

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
            record = RECORD.get()
            if record is None:
                return function(*args, **kwargs)
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            current = record.begin(name.format(**bound.arguments))
            try:
                value = function(*args, **kwargs)
            except BaseException as error:  # cancellation is recorded too; nothing is swallowed
                record.end(current, error)
                log(record, current)
                raise
            record.end(current, value)
            log(record, current)
            return value

        return Task(attempt, name=name.split("{")[0].strip() or function.__name__, task_run_name=name, **options)

    return decorate


def log(record: Record, ended: Stage) -> None:
    """One line for people and for machines that search logs."""
    try:
        logger = get_run_logger()
    except MissingContextError:
        return  # outside of a run there is no log to write to
    key = getattr(record.values.get(ended.name), "key", "-")
    outcome = ended.outcome or ended.status
    logger.info(f'stage="{ended.name}" key={key} outcome={outcome} seconds={ended.seconds} flow_run={record.flow_run_id}')

"""A stage of a run: a task that records its start and end, its attempts and its result."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from logging import INFO, WARNING
from typing import Any, ParamSpec, TypeVar

from prefect import Task, get_run_logger
from prefect.exceptions import MissingContextError

from pedigree.aws.failures import errors_told
from pedigree.report.record import Record, Stage, is_cancellation

P = ParamSpec("P")
R = TypeVar("R")
RECORD: ContextVar[Record | None] = ContextVar("record", default=None)  # Prefect copies it to the threads of submitted tasks


@contextmanager
def recorded(flow_run_id: str, names: Iterable[str]) -> Iterator[Record]:
    """Record every stage of the body; `names` are the expected stages in their order."""
    record = Record(flow_run_id, names)
    token = RECORD.set(record)
    try:
        yield record
    except BaseException as error:  # a cancellation is no Exception; every error is raised again
        record.cancelled = is_cancellation(error)
        raise
    finally:
        record.close()
        RECORD.reset(token)


def stage(name: str, *, of: str, **options: Any) -> Callable[[Callable[P, R]], Task[P, R]]:
    """The same as Prefect's `task`; the task is the stage `name` of its run, and its task run is called `<name>: <of>`.

    Both may hold attributes of the task's arguments, such as `{way.stage}`; `of` is the resource that the stage works on.
    """

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            step, record = name.format(**bound.arguments), RECORD.get()

            def work() -> R:
                with errors_told(step, of.format(**bound.arguments)):
                    return function(*args, **kwargs)

            return work() if record is None else record_attempt(record, step, work)

        return Task(attempt, name=name.split("{")[0].strip() or function.__name__, task_run_name=f"{name}: {of}", **options)

    return decorate


def record_attempt(record: Record, name: str, work: Callable[[], R]) -> R:
    """Do the work of the stage, and record how it ends."""
    current = record.begin(name)
    try:
        value = work()
    except BaseException as error:  # a cancellation is recorded too; every error is raised again
        record.end(current, error)
        log(current, None)
        raise
    record.end(current, value)
    log(current, value)
    return value


def log(ended: Stage, value: object) -> None:
    """Log one sentence about the end of a stage, in its task run."""
    try:
        logger = get_run_logger()
    except MissingContextError:
        return  # outside of a run there is no log
    logger.log(INFO if ended.status == "completed" else WARNING, sentence(ended, value))


def sentence(ended: Stage, value: object) -> str:
    """The log line of a stage: `Dataset: 960 + 240 + 240 images, 8 classes, created in 1.0 s`."""
    name = f"{ended.name[:1].upper()}{ended.name[1:]}"
    if ended.status != "completed":
        return f"{name}: {ended.status} after {ended.seconds:.1f} s, {str(ended.message).splitlines()[0]}"
    what = getattr(value, "summary", None) or ended.resource
    return f"{name}: {f'{what}, ' if what else ''}{ended.outcome or 'done'} in {ended.seconds:.1f} s"

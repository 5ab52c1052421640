"""What a run did, stage by stage, as it goes along."""

import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from prefect import Task, get_run_logger
from prefect.context import FlowRunContext

from tasks.aws.errors import GateRefused

P = ParamSpec("P")
R = TypeVar("R")
V = TypeVar("V")
Status = Literal["completed", "refused", "failed", "not reached"]


@dataclass
class Stage:
    """One stage; `outcome` says how it completed (created, updated, adopted, passed, skipped), `message` why it did not.

    `attempts` is how often Prefect ran its task; a refusal is a decision of ours, not a failure.
    """

    name: str
    status: Status = "not reached"
    outcome: str | None = None
    seconds: float | None = None
    attempts: int = 0
    resource: str | None = None
    message: str | None = None


@dataclass
class Record:
    """The stages of one flow run and what each gave; the names are fixed from the start so that none can be missing."""

    flow_run_id: str
    names: tuple[str, ...]
    stages: dict[str, Stage] = field(init=False)
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stages = {name: Stage(name) for name in self.names}

    def run(self, name: str, task: Task[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the task as the stage `name`: timed, its value kept, its failure recorded and raised again, its end logged."""
        begun = time.monotonic()
        try:
            value: R = counting(self.stages[name], task)(*args, **kwargs)
        except BaseException as error:  # cancellation is recorded too; nothing is swallowed
            self.end(name, begun, error)
            raise
        self.end(name, begun, value)
        return value

    def end(self, name: str, begun: float, ended: object) -> None:
        """Record the stage with the value that it gave or the error that ended it."""
        stage = self.stages[name]
        stage.seconds = round(time.monotonic() - begun, 2)
        if isinstance(ended, BaseException):
            stage.status = "refused" if isinstance(ended, GateRefused) else "failed"
            stage.message = f"{type(ended).__name__}: {str(ended) or 'the run was cancelled'}"
        else:
            stage.status, stage.outcome, stage.resource = "completed", getattr(ended, "outcome", None), getattr(ended, "resource", None)
            self.values[name] = ended
        self.log(stage)

    def value(self, kind: type[V]) -> V | None:
        """What the stage that gives such a value gave, whatever it is called in this flow."""
        return next((value for value in self.values.values() if isinstance(value, kind)), None)

    def log(self, stage: Stage) -> None:
        """One line for people and for machines that search logs."""
        if FlowRunContext.get() is None:
            return  # outside of a run there is no log to write to
        key = getattr(self.values.get(stage.name), "key", "-")
        outcome = stage.outcome or stage.status
        get_run_logger().info(f'stage="{stage.name}" key={key} outcome={outcome} seconds={stage.seconds} flow_run={self.flow_run_id}')


def counting(stage: Stage, task: Task[P, R]) -> Task[P, R]:
    """The same task, which counts in the stage how often it is run: Prefect tells its retries to hooks only, which log two lines each."""

    @wraps(task.fn)
    def counted(*args: P.args, **kwargs: P.kwargs) -> R:
        stage.attempts += 1
        return run(*args, **kwargs)

    run: Callable[P, R] = task.fn
    again = copy(task)
    again.fn = counted
    return again

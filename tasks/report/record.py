"""What a run did, stage by stage, as it goes along."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal, ParamSpec, TypeVar

from prefect import Task

P = ParamSpec("P")
R = TypeVar("R")
Status = Literal["completed", "failed", "not reached"]


@dataclass
class Stage:
    """One stage; `outcome` says how it completed (created, updated, adopted, passed), `message` why it failed."""

    name: str
    status: Status = "not reached"
    outcome: str | None = None
    seconds: float | None = None
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

    def run(self, name: str, task: Task[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the task as the stage `name`: timed, its value kept, its failure recorded and raised again."""
        stage, begun = self.stages[name], time.monotonic()
        try:
            value: R = task(*args, **kwargs)
        except BaseException as error:  # cancellation is recorded too; nothing is swallowed
            stage.status, stage.message = "failed", f"{type(error).__name__}: {str(error) or 'the run was cancelled'}"
            raise
        finally:
            stage.seconds = round(time.monotonic() - begun, 2)
        stage.status, stage.outcome, stage.resource = "completed", getattr(value, "outcome", None), getattr(value, "resource", None)
        self.values[name] = value
        return value

    @property
    def status(self) -> Status:
        """Failed as soon as one stage is; completed when all are."""
        statuses = {stage.status for stage in self.stages.values()}
        return "failed" if "failed" in statuses else "not reached" if "not reached" in statuses else "completed"

"""The record of a run while it goes on, stage by stage."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pedigree.aws.errors import GateRefused

V = TypeVar("V")
Status = Literal["completed", "refused", "failed", "not reached"]


@dataclass
class Stage:
    """One stage; `outcome` says how it completed (created, updated, adopted, passed, skipped), `message` why it did not.

    `attempts` is how often its task ran; a refusal is a decision of ours, not a failure.
    """

    name: str
    status: Status = "not reached"
    outcome: str | None = None
    seconds: float | None = None
    attempts: int = 0
    resource: str | None = None
    message: str | None = None


class Record:
    """The stages of one flow run and the value of each; the names are given from the start so that none can be missing.

    A stage that nobody foresaw, such as a rollback, joins them when it begins. Threads may record side by side.
    """

    def __init__(self, flow_run_id: str, names: Iterable[str]) -> None:
        self.flow_run_id = flow_run_id
        self.stages = {name: Stage(name) for name in names}
        self.values: dict[str, Any] = {}
        self._running: dict[str, float] = {}  # when the first attempt began
        self._closed = False
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.stages)

    def begin(self, name: str) -> Stage:
        """One more attempt at the stage."""
        with self._lock:
            stage = self.stages.setdefault(name, Stage(name))
            stage.attempts += 1
            self._running.setdefault(name, time.monotonic())
            return stage

    def end(self, stage: Stage, ended: object) -> None:
        """Record the value that the stage gave or the error that ended this attempt; another attempt replaces it."""
        with self._lock:
            if self._closed:
                return
            stage.seconds = round(time.monotonic() - self._running[stage.name], 2)
            if isinstance(ended, BaseException):
                stage.status = "refused" if isinstance(ended, GateRefused) else "failed"
                stage.message = f"{type(ended).__name__}: {str(ended) or 'the run was cancelled'}"
            else:
                stage.status, stage.message = "completed", None
                stage.outcome, stage.resource = getattr(ended, "outcome", None), getattr(ended, "resource", None)
                self.values[stage.name] = ended

    def close(self) -> None:
        """Nothing is recorded any more: a thread may go on after its run was cancelled."""
        for name in self._running:
            if self.stages[name].status == "not reached":
                self.end(self.stages[name], KeyboardInterrupt())
        self._closed = True

    def value(self, kind: type[V]) -> V | None:
        """The value of this type, whichever stage gave it."""
        return next((value for value in self.values.values() if isinstance(value, kind)), None)

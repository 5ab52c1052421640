"""The record of a run in progress, stage by stage."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pedigree.aws.errors import GateRefused

V = TypeVar("V")
Status = Literal["completed", "refused", "failed", "cancelled", "not reached"]
CANCELLED = "the run was cancelled"


@dataclass
class Stage:
    """One stage; `outcome` says how it completed (created, updated, adopted, passed, skipped), `message` why it did not complete.

    `attempts` is the number of times its task ran; a refusal is a decision of a rule, not a failure.
    """

    name: str
    status: Status = "not reached"
    outcome: str | None = None
    seconds: float | None = None
    attempts: int = 0
    resource: str | None = None
    message: str | None = None


class Record:
    """The stages of one flow run with their values; the names are known from the start, so that no stage can be missing.

    An unexpected stage, such as a rollback, is added when it begins. Threads may record at the same time. `cancelled` says whether
    a cancellation ended the run, in a stage or between two.
    """

    def __init__(self, flow_run_id: str, names: Iterable[str]) -> None:
        self.flow_run_id = flow_run_id
        self.stages = {name: Stage(name) for name in names}
        self.values: dict[str, Any] = {}
        self._running: dict[str, float] = {}  # start time of the first attempt
        self.cancelled = False
        self._closed = False
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.stages)

    def begin(self, name: str) -> Stage:
        """Record one more attempt at the stage."""
        with self._lock:
            stage = self.stages.setdefault(name, Stage(name))
            stage.attempts += 1
            self._running.setdefault(name, time.monotonic())
            return stage

    def end(self, stage: Stage, ended: object) -> None:
        """Record the value of the stage, or the error that ended this attempt; another attempt replaces it."""
        with self._lock:
            if self._closed:
                return
            stage.seconds = round(time.monotonic() - self._running[stage.name], 2)
            if isinstance(ended, BaseException):
                stage.status, stage.message = status_and_message(ended)
            else:
                stage.status, stage.message = "completed", None
                stage.outcome, stage.resource = getattr(ended, "outcome", None), getattr(ended, "resource", None)
                self.values[stage.name] = ended

    def close(self) -> None:
        """End the recording: a thread may continue after its run was cancelled."""
        for name in self._running:
            if self.stages[name].status == "not reached":
                self.end(self.stages[name], KeyboardInterrupt())
        self._closed = True

    def value(self, kind: type[V]) -> V | None:
        """The value of this type, from any stage; None when no stage gave one."""
        return next((value for value in self.values.values() if isinstance(value, kind)), None)

    def newest(self, kind: type[V]) -> V | None:
        """The value of this type that was given last; None when no stage gave one."""
        return next((value for value in reversed(self.values.values()) if isinstance(value, kind)), None)


def status_and_message(error: BaseException) -> tuple[Status, str]:
    """How an error ended its stage; a cancellation has no message of its own that a person could read."""
    if is_cancellation(error):
        return "cancelled", CANCELLED
    return "refused" if isinstance(error, GateRefused) else "failed", f"{type(error).__name__}: {error}"


def is_cancellation(error: BaseException) -> bool:
    """Whether somebody ended the run: no program raises anything but an Exception by itself, except to exit."""
    return not isinstance(error, Exception) or type(error).__name__ in ("CancelledError", "CancelledRun")

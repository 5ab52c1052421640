"""The decisions of the watch about a flow run: whether its process is dead, whether it is started again, whether a person is told.

The functions are pure: the last look at the server goes in, a state to set or a yes comes out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed, Scheduled

from tasks.runs.resume import MAX_RUNS
from tasks.runs.tags import RESUMABLE

RESTARTING = "Restarting"  # name of the state in which a run waits for a worker that continues it


@dataclass(frozen=True)
class Windows:
    """How long the watch waits for what; a test divides all of them by the same number."""

    silence: timedelta = timedelta(seconds=120)  # three heartbeats of 30 s may be missed, and a server may stand still for a minute
    settling: timedelta = timedelta(seconds=45)  # a worker reports a crash twice, and a process that lives takes back a wrong verdict
    healing: timedelta = timedelta(minutes=5)
    launching: timedelta = timedelta(minutes=10)  # longer than a container takes to start
    forgotten: timedelta = timedelta(days=1)  # what crashed before that is left alone
    look: timedelta = timedelta(seconds=15)

    @property
    def gap(self) -> timedelta:
        """Looks further apart mean that the server or the watch stood still."""
        return 3 * self.look

    def faster(self, times: float) -> "Windows":
        return Windows(**{name: value / times for name, value in vars(self).items()})


@dataclass(frozen=True)
class Sight:
    """One look at a server that has answered every look since `since`."""

    now: datetime
    since: datetime
    windows: Windows

    def older(self, moment: datetime, window: timedelta) -> bool:
        """Whether the moment, or the start of the watch where that is later, is longer ago than the window."""
        return self.now - max(moment, self.since) > window


def next_state(run: FlowRun, heard: datetime | None, sight: Sight) -> State[Any] | None:
    """The state to set, or None; `heard` is the time of the last heartbeat."""
    state = current(run)
    if state.type == StateType.RUNNING and sight.older(max(filter(None, (state.timestamp, heard))), sight.windows.silence):
        return Crashed(message=f"No heartbeat for {sight.windows.silence.total_seconds():.0f} s: the process of the run is dead")
    if state.type == StateType.CRASHED and can_continue(run) and sight.older(state.timestamp, sight.windows.settling):
        return Scheduled(name=RESTARTING, message="The run crashed and is started again")
    if state.type == StateType.PENDING and sight.older(state.timestamp, sight.windows.launching):
        return Scheduled(name=RESTARTING, message="A worker took the run and never started it")
    return None


def is_to_be_told(run: FlowRun, sight: Sight) -> bool:
    """Whether the run crashed and did not heal: it cannot be continued, or nothing continued it in time."""
    state = current(run)
    if state.type == StateType.CRASHED:
        return not can_continue(run) and sight.older(state.timestamp, sight.windows.settling)
    waits = state.name == RESTARTING or state.type == StateType.PENDING
    return run.run_count > 0 and waits and sight.older(state.timestamp, sight.windows.healing)


def can_continue(run: FlowRun) -> bool:
    """Whether the run adopts what it made, has begun, for a run that never ran cannot crash, and has not had all its attempts."""
    return RESUMABLE in run.tags and 0 < run.run_count < MAX_RUNS


def current(run: FlowRun) -> State[Any]:
    assert run.state, "the watch asks for runs by their states"
    return run.state

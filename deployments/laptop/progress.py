"""Follow a flow run through the API: its state changes and log lines, each once and in order."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deployments.laptop.prefect_api import ApiError, PrefectApi
from tasks.runs.tags import RESUMABLE

POLL_SECONDS = 0.5
SHIPPING_SECONDS = 1.0  # the time that the last log lines need to reach the server
RESUMED_WITHIN = timedelta(seconds=90)  # after a crash: the watch lets it settle, and looks every few seconds
OVERLAP = timedelta(seconds=10)  # lines of one process may arrive after later lines of another process
PAGE = 200
INFO = 20
NOT_FOUND = 404
SURE_SECONDS = 5.0  # a server that just restarts may say once that there is no such run
ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


@dataclass(frozen=True)
class Event:
    """A state change (`source` empty) or a log line of the flow run or of one of its task runs."""

    id: str
    time: datetime
    source: str
    text: str


class RunDeleted(Exception):
    """Somebody has deleted the flow run that is followed."""


def follow(api: PrefectApi, run_id: str, show: Callable[[Event], None]) -> dict[str, Any]:
    """Show every event until the run has ended for good; return its last state. RunDeleted where there is no such run any more."""
    watch = Watch(api, run_id)
    while True:
        run = find_run(api, run_id)
        if run is None:
            time.sleep(SURE_SECONDS)
            run = find_run(api, run_id)
        if run is None:
            raise RunDeleted
        state: dict[str, Any] = run["state"]
        ended = state["type"] in ENDED and not may_be_resumed(run)
        time.sleep(SHIPPING_SECONDS if ended else POLL_SECONDS)
        for event in watch.news():
            show(event)
        if ended:
            return state


def find_run(api: PrefectApi, run_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = api.get(f"/flow_runs/{run_id}")
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return found


def may_be_resumed(run: dict[str, Any]) -> bool:
    """Whether the run crashed so recently that the watch may still start it again."""
    state = run["state"]
    lately = datetime.now(UTC) - datetime.fromisoformat(state["timestamp"]) < RESUMED_WITHIN
    return state["type"] == "CRASHED" and RESUMABLE in run["tags"] and lately


class Watch:
    """The new events of one flow run since the last call."""

    def __init__(self, api: PrefectApi, run_id: str) -> None:
        self._api, self._run_id = api, run_id
        self._shown: set[str] = set()
        self._latest: datetime | None = None
        self._task_names: dict[str, str] = {}

    def news(self) -> list[Event]:
        """Events that were not returned before, oldest first."""
        events = sorted([*self._states(), *self._logs()], key=lambda event: event.time)
        fresh = [event for event in events if event.id not in self._shown]
        self._shown.update(event.id for event in fresh)
        self._latest = max([event.time for event in fresh] + ([self._latest] if self._latest else []), default=None)
        return fresh

    def _states(self) -> Iterator[Event]:
        for state in self._api.get(f"/flow_run_states/?flow_run_id={self._run_id}"):
            message = f": {state['message']}" if state["message"] else ""
            yield Event(state["id"], datetime.fromisoformat(state["timestamp"]), "", state["name"] + message)

    def _logs(self) -> Iterator[Event]:
        wanted: dict[str, Any] = {"flow_run_id": {"any_": [self._run_id]}, "level": {"ge_": INFO}}
        if self._latest:
            wanted["timestamp"] = {"after_": (self._latest - OVERLAP).isoformat()}
        offset = 0
        while True:
            page = self._api.post("/logs/filter", {"logs": wanted, "sort": "TIMESTAMP_ASC", "offset": offset, "limit": PAGE})
            for log in page:
                yield Event(log["id"], datetime.fromisoformat(log["timestamp"]), self._source(log), log["message"])
            if len(page) < PAGE:
                return
            offset += PAGE

    def _source(self, log: dict[str, Any]) -> str:
        """The stage or task that logged the line, without its resource; or `flow` or `worker`."""
        task_run = log["task_run_id"]
        if not task_run:
            return "worker" if "worker" in log["name"] else "flow"
        if task_run not in self._task_names:
            try:
                self._task_names[task_run] = self._api.get(f"/task_runs/{task_run}")["name"].partition(": ")[0]
            except ApiError as error:
                if error.status != NOT_FOUND:  # the first line of a task run may arrive before the task run itself
                    raise
                return "task"
        return self._task_names[task_run]

"""The watch over the runs of a Prefect server: what dies is continued, or told. The server of a laptop runs it; on any other server

    python -m deployments.watch

is one process beside the server. It keeps nothing: states and heartbeats are in the server's database, which outlives both.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.events.related import tags_as_related_resources
from prefect.events.schemas.events import Event, RelatedResource, Resource
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger

from deployments.verdicts import RESTARTING, Sight, Windows, current, is_to_be_told, next_state
from tasks.runs.tags import OURS

CRASHED = "pedigree.run-crashed"  # the event of a crash that did not heal
HEARTBEAT = "prefect.flow-run.heartbeat"
logger = get_logger("watch")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deployments.watch", description="Continue the runs that die, or tell of them.")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="divide every window by this; only runs that send heartbeats as much faster live"
    )
    watch(Windows().faster(parser.parse_args().speed))


def watch(windows: Windows) -> None:
    """Look at the runs for ever."""
    watcher = Watcher(windows)
    while True:
        try:
            with get_client(sync_client=True) as client:
                watcher.look(client, datetime.now(UTC))
        except httpx.HTTPError as error:
            logger.debug(f"The server does not answer: {error}")
        except Exception:  # whatever it is, the next look may be better, and without the watch nothing is continued
            logger.exception("A look of the watch failed")
        time.sleep(windows.look.total_seconds())


def watch_on_thread(windows: Windows) -> None:
    threading.Thread(target=watch, args=(windows,), name="watch", daemon=True).start()


class Watcher:
    """Looks at a server again and again, and decides nothing until it has answered for a while."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._since: datetime | None = None
        self._looked: datetime | None = None

    def look(self, client: SyncPrefectClient, now: datetime) -> None:
        """Decide about every run in progress. Raises httpx.HTTPError when the server does not answer.

        The first look, and one after a gap, begins a new period in which every living run can be heard before it is judged.
        """
        runs = list(in_progress(client, now - self._windows.forgotten))
        if self._looked is None or now - self._looked > self._windows.gap:
            self._since = now
        self._looked = now
        assert self._since
        if now - self._since >= self._windows.silence:
            for run in runs:
                judge(client, run, Sight(now, self._since, self._windows))


def in_progress(client: SyncPrefectClient, since: datetime) -> Iterator[FlowRun]:
    """Our runs that work, start or wait to be continued, and those that crashed `since`.

    A run without a deployment is not ours to judge: no worker started it, and it may send no heartbeats.
    """
    for asked in (
        {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}},
        {"state": {"name": {"any_": [RESTARTING]}}},
        {"state": {"type": {"any_": ["CRASHED"]}}, "end_time": {"after_": since}},
    ):
        wanted = {"tags": {"all_": [OURS]}, "deployment_id": {"is_null_": False}, **asked}
        yield from client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(wanted))


def judge(client: SyncPrefectClient, run: FlowRun, sight: Sight) -> None:
    """Set the next state of the run, and tell of a crash that did not heal."""
    with suppress(ObjectNotFound):  # somebody deleted it
        if state := next_state(run, last_heartbeat(client, run), sight):
            logger.warning(f"Flow run {run.name}: {state.message}")
            client.set_flow_run_state(run.id, state)
    if is_to_be_told(run, sight):
        tell(client, run)


def last_heartbeat(client: SyncPrefectClient, run: FlowRun) -> datetime | None:
    wanted = {"event": {"name": [HEARTBEAT]}, "resource": {"id": [f"prefect.flow-run.{run.id}"]}}
    return next((event.occurred for event in events(client, wanted)), None)


def tell(client: SyncPrefectClient, run: FlowRun) -> None:
    """Emit the event CRASHED, which automations of prefect.yaml announce, once for each time that the run began."""
    event = crash_event(run)
    if not events(client, {"id": {"id": [str(event.id)]}}):
        client.request("POST", "/events", json=[event.model_dump(mode="json")]).raise_for_status()


def crash_event(run: FlowRun) -> Event:
    state = current(run)
    resource = {
        "prefect.resource.id": f"prefect.flow-run.{run.id}",
        "prefect.resource.name": run.name,
        "prefect.state-name": "Crashed",
        "prefect.state-message": state.message or "",
    }
    flow = RelatedResource({"prefect.resource.id": f"prefect.flow.{run.flow_id}", "prefect.resource.role": "flow"})
    related = [flow, *tags_as_related_resources(run.tags)]
    return Event(event=CRASHED, resource=Resource(resource), related=related, id=uuid5(run.id, str(run.run_count)))


def events(client: SyncPrefectClient, wanted: dict[str, Any]) -> list[Event]:
    """The latest event of this kind, or none."""
    answer = client.request("POST", "/events/filter", json={"filter": wanted, "limit": 1})
    return [Event.model_validate(event) for event in answer.raise_for_status().json()["events"]]


if __name__ == "__main__":
    main()

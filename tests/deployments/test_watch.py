"""What dies is continued or told: a run without heartbeats, a run that crashed, a run that no worker started."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.server.events.ordering import EventArrivedEarly
from prefect.server.events.schemas.events import ReceivedEvent, Resource
from prefect.states import Cancelling, Crashed, Pending, Running, Scheduled, Suspended

from deployments.ordering import PATIENCE, CausalOrdering
from deployments.verdicts import RESTARTING, Sight, Windows, is_to_be_told, next_state
from deployments.watch import CRASHED, HEARTBEAT, Watcher, crash_event, events, watch
from tasks.runs.tags import OURS, RESUMABLE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WINDOWS = Windows()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def run_in(state: State[Any], *, since: float, count: int = 1, tags: tuple[str, ...] = (OURS, RESUMABLE)) -> FlowRun:
    state.timestamp = ago(since)
    return FlowRun(flow_id=uuid.uuid4(), state=state, run_count=count, tags=list(tags))


def verdict(run: FlowRun, *, heard: float | None = None, watched: float = 86400) -> str | None:
    state = next_state(run, None if heard is None else ago(heard), Sight(NOW, ago(watched), WINDOWS))
    return state.name if state else None


@pytest.mark.parametrize(
    ("heard", "watched", "decided"),
    [(125, 500, "Crashed"), (115, 500, None), (None, 500, "Crashed"), (500, 125, "Crashed"), (500, 115, None), (1, 500, None)],
)
def test_a_run_is_dead_after_four_missed_heartbeats_that_the_watch_could_have_heard(
    heard: float | None, watched: float, decided: str | None
) -> None:
    assert verdict(run_in(Running(), since=1000), heard=heard, watched=watched) == decided


def test_a_run_that_just_began_has_time_for_its_first_heartbeat() -> None:
    assert verdict(run_in(Running(), since=60)) is None


@pytest.mark.parametrize(
    ("since", "count", "tags", "decided"),
    [
        (50, 1, (OURS, RESUMABLE), RESTARTING),
        (50, 2, (OURS, RESUMABLE), RESTARTING),
        (40, 1, (OURS, RESUMABLE), None),  # the worker's second report, or the process itself, may come
        (50, 3, (OURS, RESUMABLE), None),  # it has had all its attempts
        (50, 0, (OURS, RESUMABLE), None),  # it never ran
        (50, 1, (OURS,), None),
    ],
)
def test_what_crashed_and_adopts_is_started_again_once_it_has_settled(
    since: float, count: int, tags: tuple[str, ...], decided: str | None
) -> None:
    assert verdict(run_in(Crashed(), since=since, count=count, tags=tags)) == decided


@pytest.mark.parametrize(("since", "decided"), [(590, None), (610, RESTARTING)])
def test_what_a_worker_took_and_never_started_is_scheduled_once_more(since: float, decided: str | None) -> None:
    assert verdict(run_in(Pending(), since=since, count=0)) == decided


@pytest.mark.parametrize("state", [Scheduled(), Suspended(), Cancelling()])
def test_what_waits_or_ends_by_itself_is_left_alone(state: State[Any]) -> None:
    run = run_in(state, since=10000)
    assert verdict(run) is None
    assert not told(run)


def told(run: FlowRun) -> bool:
    return is_to_be_told(run, Sight(NOW, ago(86400), WINDOWS))


@pytest.mark.parametrize(
    ("run", "is_told"),
    [
        (run_in(Crashed(), since=50, count=3), True),
        (run_in(Crashed(), since=50, tags=(OURS,)), True),
        (run_in(Crashed(), since=40, tags=(OURS,)), False),  # its process may take it back
        (run_in(Crashed(), since=50), False),  # it is started again in this moment
        (run_in(Scheduled(name=RESTARTING), since=290), False),
        (run_in(Scheduled(name=RESTARTING), since=310), True),  # no worker takes it
        (run_in(Pending(), since=310), True),
        (run_in(Pending(), since=310, count=0), False),  # it has not crashed
        (run_in(Running(), since=10000, count=2), False),  # healed
    ],
)
def test_a_crash_is_told_when_nothing_healed_it(run: FlowRun, *, is_told: bool) -> None:
    assert told(run) is is_told


@pytest.fixture
def client(prefect_server: None) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as connected:
        yield connected


@pytest.fixture
def deployment(client: SyncPrefectClient) -> Iterator[uuid.UUID]:
    flow_id = client.create_flow(flow(watched))
    known = client.create_deployment(flow_id, f"watched-{uuid.uuid4().hex}", tags=[OURS, RESUMABLE])
    yield known
    client.delete_deployment(known)


def watched() -> None:
    """A flow that no process runs."""


def begin(client: SyncPrefectClient, deployment: uuid.UUID) -> uuid.UUID:
    run = client.create_flow_run_from_deployment(deployment, tags=[OURS, RESUMABLE])
    client.set_flow_run_state(run.id, Running(), force=True)
    return run.id


def beat(client: SyncPrefectClient, run: uuid.UUID) -> None:
    """A heartbeat of the run, as the server keeps it some seconds later."""
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    client.request(
        "POST", "/events", json=[{"event": HEARTBEAT, "resource": resource, "occurred": str(datetime.now(UTC)), "id": str(uuid.uuid4())}]
    )


def wait_for(client: SyncPrefectClient, wanted: dict[str, Any]) -> None:
    end = time.monotonic() + 60
    while not events(client, wanted):
        assert time.monotonic() < end
        time.sleep(0.2)


def name(client: SyncPrefectClient, run: uuid.UUID) -> str | None:
    state = client.read_flow_run(run).state
    return state.name if state else None


class Looks:
    """Looks at a server, each so many seconds after the first."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self.client, self.watcher, self.begun = client, Watcher(WINDOWS), datetime.now(UTC)

    def until(self, seconds: float, *, first: float = 0) -> None:
        for second in [*range(int(first), int(seconds), 15), seconds]:
            self.watcher.look(self.client, self.begun + timedelta(seconds=second))


def test_the_run_that_is_heard_goes_on_and_the_other_one_is_dead(client: SyncPrefectClient, deployment: uuid.UUID) -> None:
    dead, living = begin(client, deployment), begin(client, deployment)
    looks = Looks(client)
    looks.until(105)
    time.sleep(3)  # so much later it is heard
    beat(client, living)
    wait_for(client, {"resource": {"id": [f"prefect.flow-run.{living}"]}, "event": {"name": [HEARTBEAT]}})
    looks.until(121.5, first=120)
    assert (name(client, dead), name(client, living)) == ("Crashed", "Running")


def test_a_server_that_stood_still_gives_every_run_its_time_again(client: SyncPrefectClient, deployment: uuid.UUID) -> None:
    run, looks = begin(client, deployment), Looks(client)
    looks.until(105)
    looks.until(300, first=195)  # 90 s without a look: begins anew
    assert name(client, run) == "Running"
    looks.until(330, first=315)
    assert name(client, run) == "Crashed"


def test_a_crashed_run_is_started_again_by_itself_and_told_of_when_no_worker_comes(
    client: SyncPrefectClient, deployment: uuid.UUID
) -> None:
    run, looks = begin(client, deployment), Looks(client)
    looks.until(135)
    assert name(client, run) == "Crashed"
    looks.until(210, first=150)
    assert name(client, run) == RESTARTING
    ident = {"id": {"id": [str(crash_event(client.read_flow_run(run)).id)]}}
    assert not events(client, ident)
    looks.until(345, first=225)
    wait_for(client, ident)
    (event,) = events(client, {"event": {"name": [CRASHED]}, **ident})
    assert {resource.id for resource in event.related} >= {f"prefect.tag.{OURS}", f"prefect.tag.{RESUMABLE}"}
    client.set_flow_run_state(run, Crashed(), force=True)


def test_the_watch_goes_on_when_a_look_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([httpx.ConnectError("refused"), ValueError("what the server never says"), KeyboardInterrupt()])

    def look(*_: Any) -> None:
        raise next(failures)

    monkeypatch.setattr("deployments.watch.get_client", lambda **_: nullcontext())
    monkeypatch.setattr(Watcher, "look", look)
    with pytest.raises(KeyboardInterrupt):
        watch(WINDOWS.faster(10000))


def test_an_event_waits_for_its_leader_for_seconds_and_not_for_a_quarter_of_an_hour() -> None:
    resource = Resource({"prefect.resource.id": "prefect.flow-run.1"})

    def follower(age: timedelta) -> ReceivedEvent:
        now = datetime.now(UTC)
        return ReceivedEvent(event="x", resource=resource, follows=uuid.uuid4(), occurred=now, id=uuid.uuid4(), received=now - age)

    async def handle(event: ReceivedEvent) -> None:
        async with CausalOrdering(f"test-{event.id}").preceding_event_confirmed(lambda *_, **__: asyncio.sleep(0), event):
            pass

    with pytest.raises(EventArrivedEarly):
        asyncio.run(handle(follower(timedelta(0))))
    asyncio.run(handle(follower(PATIENCE)))

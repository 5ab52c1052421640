"""Of the ticks that a schedule missed one run does the work; the others see it and end."""

import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.context import FlowRunContext
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Schedule
from prefect.states import Completed, Failed, Running

from tasks.runs import tick
from tasks.runs.tick import SKIPPED, completed_since, hours_between_ticks, longest_gap, superseded_tick

DUE = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def scheduled(**more: Any) -> FlowRun:
    values = {"flow_id": uuid.uuid4(), "name": "tick", "auto_scheduled": True, "run_count": 1, "expected_start_time": DUE}
    return FlowRun.model_validate(values | more)


def reason(monkeypatch: pytest.MonkeyPatch, run: FlowRun, *completed: FlowRun) -> str | None:
    """What is said in `run` when these others of its deployment began after it was due, and completed."""
    monkeypatch.setattr(FlowRunContext, "get", lambda: SimpleNamespace(flow_run=run))
    monkeypatch.setattr(tick, "completed_since", lambda _run: list(completed))
    return superseded_tick()


def test_a_tick_whose_work_a_later_start_has_done_is_superseded(monkeypatch: pytest.MonkeyPatch) -> None:
    done = scheduled(name="tuesday", state_name="Completed")
    assert reason(monkeypatch, scheduled(), done) == "Missed tick: tuesday began after 2026-01-05 02:00 UTC and has done its work"


def test_the_first_of_a_backlog_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(monkeypatch, scheduled()) is None


def test_a_tick_that_was_itself_skipped_has_done_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(monkeypatch, scheduled(), scheduled(state_name=SKIPPED)) is None


def test_a_run_of_a_person_does_not_stand_for_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(monkeypatch, scheduled(), scheduled(auto_scheduled=False, state_name="Completed")) is None


def test_a_run_of_a_person_and_one_that_is_resumed_are_never_superseded(monkeypatch: pytest.MonkeyPatch) -> None:
    done = scheduled(state_name="Completed")
    assert reason(monkeypatch, scheduled(auto_scheduled=False), done) is None
    assert reason(monkeypatch, scheduled(run_count=2), done) is None


@flow
def nightly() -> None: ...


@pytest.mark.usefixtures("prefect_server")
def test_only_completed_runs_of_the_deployment_that_began_since_count() -> None:
    with get_client(sync_client=True) as client:
        deployment, other = (client.create_deployment(client.create_flow(nightly), name=name) for name in ("nightly", "other"))
        begun = datetime.now(UTC) - timedelta(seconds=1)
        done = run(client, deployment, Completed())
        run(client, deployment, Failed())
        run(client, other, Completed())
    due_before, due_after = (
        scheduled(deployment_id=deployment, expected_start_time=time) for time in (begun, datetime.now(UTC) + timedelta(seconds=1))
    )
    assert [found.id for found in completed_since(due_before)] == [done]
    assert completed_since(due_after) == []


def run(client: SyncPrefectClient, deployment: uuid.UUID, end: Any) -> uuid.UUID:
    """Id of a run of the deployment that began and ended."""
    created = client.create_flow_run_from_deployment(deployment)
    client.set_flow_run_state(created.id, Running(), force=True)
    client.set_flow_run_state(created.id, end, force=True)
    return created.id


@pytest.mark.parametrize(
    ("active", "hours"),
    [
        ([CronSchedule(cron="0 3 * * *", timezone="UTC")], 24.0),
        ([CronSchedule(cron="0 9-17 * * 1-5", timezone="UTC")], 64.0),
        ([CronSchedule(cron="0 3 * * *", timezone="UTC"), CronSchedule(cron="0 9 * * *", timezone="UTC")], 18.0),
        ([IntervalSchedule(interval=timedelta(days=14))], 336.0),
        ([RRuleSchedule(rrule="FREQ=WEEKLY;BYDAY=MO,TH")], 96.0),
        ([], None),
    ],
)
def test_the_longest_time_between_two_ticks_counts(active: list[SCHEDULE_TYPES], hours: float | None) -> None:
    assert longest_gap(active, DUE) == hours


def test_without_a_run_there_is_no_schedule() -> None:
    assert hours_between_ticks() is None


@pytest.mark.usefixtures("prefect_server")
def test_only_an_active_schedule_of_the_deployment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    schedules = [Schedule(cron="0 3 * * *", timezone="UTC"), Schedule(cron="0 * * * *", timezone="UTC", active=False)]
    deployment = RunnerDeployment.from_flow(nightly, "watched", schedules=schedules).apply()
    monkeypatch.setattr(FlowRunContext, "get", lambda: SimpleNamespace(flow_run=scheduled(deployment_id=deployment), flow=None))
    assert hours_between_ticks() == 24.0

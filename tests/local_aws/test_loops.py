"""The background loops survive any single item, and health names the one that is dead or stuck."""

import json
import time
import uuid
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import local_aws.loops
from local_aws.cloud import Cloud
from local_aws.control import health
from local_aws.loops import Loop, Loops
from local_aws.metrics.alarms import Alarms
from local_aws.pace import Pace
from local_aws.scaling.activities import Activities
from local_aws.scaling.scaler import Scaler
from local_aws.series import Series
from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws

QUICK = 0.01


@pytest.fixture
def alarms(tmp_path: Path) -> Iterator[Alarms]:
    """Those of a cloud without a server; moto's records outlive it, so they are removed."""
    made = Alarms(Cloud("http://127.0.0.1:1", tmp_path))
    yield made
    made.delete(list(made._books))


def put(alarms: Alarms, comparison: str, *actions: str) -> str:
    name = f"alarm-{uuid.uuid4().hex[:8]}"
    metric = {"Namespace": "N", "MetricName": name, "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}
    alarms.put({"AlarmName": name, "ComparisonOperator": comparison, "AlarmActions": list(actions), **metric})
    alarms._cloud.metrics.put(Series.of("N", name, {}), [2.0], at=time.time() - 60)
    return name


def test_an_alarm_that_cannot_be_evaluated_stops_no_other(alarms: Alarms, capsys: pytest.CaptureFixture[str]) -> None:
    broken, whole = put(alarms, "GreaterThenThreshold"), put(alarms, "GreaterThanThreshold")
    for minute in range(3):
        alarms.tick(time.time() + minute * 60)
    assert [alarms.state(name) for name in (broken, whole)] == ["INSUFFICIENT_DATA", "ALARM"]
    assert capsys.readouterr().err.count("KeyError: 'GreaterThenThreshold'") == 1


def test_an_action_that_fails_stops_no_other(alarms: Alarms) -> None:
    acted: list[str] = []
    alarms.on_action("bad:", lambda *_: 1 / 0)  # type: ignore[arg-type]
    alarms.on_action("good:", lambda arn, *_: acted.append(arn))
    put(alarms, "GreaterThanThreshold", "bad:1", "good:2")
    alarms.tick(time.time())
    assert acted == ["good:2"]


def test_a_schedule_that_fails_stops_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    scaler = Scaler(Cloud("http://127.0.0.1:1", tmp_path), Activities(deque(), lambda: None), {})
    monkeypatch.setattr(scaler._books, "scheduled_actions", ["no schedule"])
    monkeypatch.setattr(scaler, "_keep_limits", kept.append)
    scaler.check("endpoint/e/variant/v", "")
    scaler.tick(datetime.now(UTC))
    assert kept == ["endpoint/e/variant/v"]


def test_a_loop_goes_on_after_a_round_that_fails() -> None:
    rounds: list[int] = []

    def fail() -> None:
        rounds.append(1)
        raise ValueError("this round")

    loop = Loop("failing", fail, Pace(), QUICK)
    loop.start()
    wait_until(lambda: len(rounds) > 2)
    assert loop.state() == "ok"
    loop.close()


def test_health_names_a_loop_that_is_dead_or_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_aws.loops, "STUCK", 0.0)
    loops, held = Loops(), Loop("held", lambda: time.sleep(0.2), Pace(), QUICK)
    dead = Loop("dead", lambda: None, Pace(), QUICK)
    loops.start(dead)
    assert body(loops) == (200, {"status": "ok", "loops": {"dead": "ok"}})
    dead.close()
    loops.start(held)
    wait_until(lambda: held.state() != "ok")
    status, answer = body(loops)
    assert (status, answer["status"], answer["loops"]["dead"]) == (503, "failing", "dead")
    assert answer["loops"]["held"].startswith("stuck for")
    held.close()


def body(loops: Loops) -> tuple[int, dict[str, Any]]:
    response = health(loops.states())
    return response.status, json.loads(response.body)


def test_a_server_has_its_loops(aws: RunningAws) -> None:
    assert aws.control("GET", "health")["loops"] == {"endpoint usage": "ok", "alarms": "ok", "scaling": "ok"}

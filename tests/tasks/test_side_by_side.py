"""Many calls of a task: in order, so many at a time, and no waiting for them once the run is cancelled."""

import signal
import threading
from typing import Any

import pytest
from prefect import task
from prefect.exceptions import TerminationSignal

from pedigree.aws.waiting import wait_until
from tasks.runs.together import run_side_by_side

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_what_they_gave_comes_in_their_order_and_no_more_run_than_may() -> None:
    running, most = list[int](), list[int]()

    @task
    def double(number: int, factor: int) -> int:
        running.append(number)
        most.append(len(running))
        threading.Event().wait(0.05)
        running.remove(number)
        return factor * number

    assert run_side_by_side(double, "number", range(5), at_once=2, factor=2) == [0, 2, 4, 6, 8]
    assert max(most) <= 2


def test_an_error_begins_no_more() -> None:
    begun: list[int] = []

    @task
    def fail(number: int) -> None:
        begun.append(number)
        raise ConnectionError(f"call {number}")

    with pytest.raises(ConnectionError, match="call 0"):
        run_side_by_side(fail, "number", range(50), at_once=1)
    assert len(begun) < 50


def test_a_run_that_is_cancelled_waits_for_none_and_begins_none(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, waiting = list[int](), threading.Event()

    @task
    def endless(number: int) -> str:
        begun.append(number)
        waiting.set()
        return wait_until(lambda: "not yet", lambda _: False, step="training job", resource="pets--trial-1", seconds=3600)

    def cancel(_futures: Any) -> Any:
        assert waiting.wait(timeout=60)
        raise TerminationSignal(signal=signal.SIGTERM)

    monkeypatch.setattr("tasks.runs.together.as_completed", cancel)
    with pytest.raises(TerminationSignal):
        run_side_by_side(endless, "number", range(3), at_once=1)
    assert begun == [0]

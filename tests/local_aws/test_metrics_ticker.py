"""The loop behind alarms, scaling and usage."""

import threading

import pytest

from local_aws.metrics.ticker import Ticker
from local_aws.pace import Pace


def test_a_tick_that_fails_does_not_end_the_loop(capsys: pytest.CaptureFixture[str]) -> None:
    again, ticks = threading.Event(), []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 1:
            raise RuntimeError("one bad item")
        again.set()

    ticker = Ticker("test", tick, Pace(), 0.01)
    ticker.start()
    assert again.wait(10)
    ticker.close()
    assert "RuntimeError: one bad item" in capsys.readouterr().err

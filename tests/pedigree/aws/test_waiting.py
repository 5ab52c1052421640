"""Waiting looks until it is done, and gives up in time."""

import logging
import time
from types import SimpleNamespace

import pytest

from pedigree.aws import waiting
from pedigree.aws.errors import AwsUnavailable, TimedOut
from pedigree.aws.waiting import delays, wait_until


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_it_looks_until_done(no_sleep: list[float]) -> None:
    numbers = iter(range(10))
    seen = wait_until(lambda: next(numbers), lambda n: n == 3, step="s", resource="r", seconds=60)
    assert (seen, len(no_sleep)) == (3, 3)


def test_it_gives_up() -> None:
    with pytest.raises(TimedOut, match="not ready after 0 s"):
        wait_until(lambda: 0, bool, step="s", resource="r", seconds=0)


def outage(monkeypatch: pytest.MonkeyPatch, answers: list[int | None]) -> int:
    """Wait for the answer 1, with a look a minute; None is no answer at all."""
    minutes, looks = iter(range(1000)), iter(answers)
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: 60.0 * next(minutes), sleep=lambda _: None))

    def look() -> int:
        if (answer := next(looks)) is None:
            raise AwsUnavailable("DescribeTrainingJob", "r", "EndpointConnectionError: refused", "run again")
        return answer

    return wait_until(look, bool, step="training", resource="r", seconds=86400)


def test_it_survives_an_aws_that_is_away_for_minutes_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert outage(monkeypatch, [0, None, None, 0, None, 1]) == 1
    first, second, *more = [record.getMessage() for record in caplog.records]
    assert first == "training: r: AWS does not answer (EndpointConnectionError: refused). Asking again for up to 5 min"
    assert second.startswith("training: r: AWS answers again after ")
    assert len(more) == 2


def test_an_outage_that_lasts_is_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AwsUnavailable, match="refused"):
        outage(monkeypatch, [None] * 100)


def test_looks_become_rarer_up_to_a_limit() -> None:
    first = [delay for delay, _ in zip(delays(), range(40), strict=False)]
    assert first == sorted(first)
    assert (first[0], first[-1]) == (0.2, 5.0)

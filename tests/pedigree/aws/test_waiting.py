"""Waiting looks until it is done, and gives up in time."""

import time

import pytest

from pedigree.aws.errors import TimedOut
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


def test_looks_become_rarer_up_to_a_limit() -> None:
    first = [delay for delay, _ in zip(delays(), range(40), strict=False)]
    assert first == sorted(first)
    assert (first[0], first[-1]) == (0.2, 5.0)

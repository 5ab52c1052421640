"""How long a job will bill for, from the epochs its log has shown."""

import pytest

from pedigree.cost.forecast import Progress
from pedigree.text import dollars, duration, rate


def lines(*epochs: int) -> list[str]:
    return ["loading pictures", *(f"epoch={epoch} train:loss=0.5000 valid:loss=0.6000" for epoch in epochs)]


def test_before_an_epoch_is_done_only_the_time_that_went_by_is_sure() -> None:
    assert Progress(10).seen(lines(), 500).forecast(500) == 500


def test_the_first_epoch_with_all_that_is_loaded_in_it_is_not_counted_ten_times() -> None:
    assert Progress(10).seen(lines(1), 300).forecast(320) == 320


def test_from_the_second_epoch_on_the_rest_takes_as_long_as_those_seen() -> None:
    progress = Progress(10).seen(lines(1), 300).seen(lines(1, 2), 310).seen(lines(1, 2, 3), 320)
    assert progress.forecast(320) == 320 + 7 * 10


def test_within_an_epoch_nothing_grows_until_it_is_late() -> None:
    progress = Progress(4).seen(lines(1), 100).seen(lines(2), 160)
    assert [progress.forecast(at) for at in (160, 219, 400)] == [280, 280, 400]


def test_a_job_attached_to_late_is_forecast_from_there() -> None:
    progress = Progress(100).seen(lines(*range(1, 41)), 4000)
    assert progress.forecast(4000) == 4000
    assert progress.seen(lines(41, 42), 4180).forecast(4180) == 4180 + 58 * 90


def test_lines_seen_before_change_nothing() -> None:
    progress = Progress(10).seen(lines(1), 300).seen(lines(2), 310)
    assert progress.seen(lines(1, 2), 350) == progress


@pytest.mark.parametrize(
    ("usd", "text"), [(0.0, "$0.00"), (0.0183333, "$0.02"), (0.004, "under $0.01"), (5.888, "$5.89"), (1234.5, "$1,234.50")]
)
def test_amounts_are_read_in_cents(usd: float, text: str) -> None:
    assert dollars(usd) == text


@pytest.mark.parametrize(("seconds", "text"), [(61.4, "61 s"), (720, "12 min"), (7200, "2.0 h")])
def test_durations_are_read_in_one_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("usd", "text"), [(0.736, "$0.736"), (0.115, "$0.115"), (0.000274, "under $0.001")])
def test_hourly_prices_have_three_digits(usd: float, text: str) -> None:
    assert rate(usd) == text

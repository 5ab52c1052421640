"""The exact binomial interval, against published values."""

import pytest

from tasks.report.interval import binomial_interval


def test_interval_of_mendels_peas_is_the_one_in_the_manual_of_r() -> None:
    """`binom.test(682, 925)`, the example of R's manual: 0.7076683 0.7654066."""
    assert binomial_interval(682, 925) == pytest.approx((0.7076683, 0.7654066), abs=1e-7)


@pytest.mark.parametrize(("successes", "interval"), [(0, (0, 0.3084971)), (10, (0.6915029, 1)), (5, (0.1870860, 0.8129140))])
def test_interval_of_ten_trials(successes: int, interval: tuple[float, float]) -> None:
    assert binomial_interval(successes, 10) == pytest.approx(interval, abs=1e-7)


def test_interval_narrows_with_the_images_and_widens_with_the_level() -> None:
    low, high = binomial_interval(40_000, 50_000)
    assert 0.79 < low < 0.8 < high < 0.81
    wider_low, wider_high = binomial_interval(40_000, 50_000, level=0.99)
    assert wider_low < low < high < wider_high

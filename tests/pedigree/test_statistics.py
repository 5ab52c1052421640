"""The exact intervals, against published values."""

from math import comb

import pytest

from pedigree.statistics import binomial_interval, paired_interval


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


def test_paired_interval_is_that_of_the_differing_images() -> None:
    """5 of 10 differing images for each: `binom.test(5, 10)` of R, 0.1870860 0.8129140, on the scale of the difference."""
    assert paired_interval(5, 5, 10) == pytest.approx((2 * 0.1870860 - 1, 2 * 0.8129140 - 1), abs=1e-6)
    assert paired_interval(5, 5, 100) == pytest.approx((-0.0625828, 0.0625828), abs=1e-6)


def test_paired_interval_turns_round_with_the_models() -> None:
    low, high = paired_interval(12, 3, 200)
    assert paired_interval(3, 12, 200) == pytest.approx((-high, -low))


@pytest.mark.parametrize(("gained", "lost", "beyond_doubt"), [(5, 0, False), (6, 0, True), (9, 2, False), (10, 2, True)])
def test_paired_interval_is_above_zero_just_where_mcnemars_exact_test_refuses(gained: int, lost: int, *, beyond_doubt: bool) -> None:
    differing = gained + lost
    two_sided = 2 * sum(comb(differing, count) for count in range(lost + 1)) / 2**differing
    assert (paired_interval(gained, lost, 50)[0] > 0) == (two_sided < 0.05) == beyond_doubt


def test_models_that_never_differ_have_no_difference() -> None:
    assert paired_interval(0, 0, 40) == (0, 0)

"""Waiting: known results of queueing theory, a queue simulated request by request, and what happens above the capacity."""

import numpy as np
import pytest

from pedigree.planning.queueing import Service, Waits, advance

ONE = np.ones(1)


def waits_at(service: Service, rate: float, instances: float = 1.0) -> Waits:
    """Once it has been at this rate for long."""
    waiting, fleet = np.zeros(1), ONE * instances
    for _ in range(200):
        waiting, busy = advance(service, waiting, rate, fleet, 10.0)
    return Waits.of(service, waiting, busy, fleet)


@pytest.mark.parametrize("rate", [1.0, 5.0, 8.0, 9.0])
def test_at_a_steady_rate_it_is_the_pollaczek_khinchine_formula(rate: float) -> None:
    use = rate / 10
    wait = 0.1 * use / (1 - use) / 2  # of a service time that never varies
    assert waits_at(Service(10, 0.1, 0.1), rate).mean_latency[0] == pytest.approx(0.1 + wait, rel=1e-3)


@pytest.mark.parametrize("rate", [4.0, 7.0, 8.5])
def test_the_slow_percent_is_that_of_a_queue_simulated_request_by_request(rate: float) -> None:
    draw = np.random.default_rng(1)
    waited, wait = [], 0.0
    for gap in draw.exponential(1 / rate, 200_000):
        wait = max(0.0, wait + 0.1 - gap)
        waited.append(wait + 0.1)
    p99 = float(np.percentile(waited, 99))
    slower = waits_at(Service(10, 0.1, 0.1), rate).slower_than
    assert slower(p99 * 0.7)[0] > 0.01 > slower(p99 * 1.3)[0]


def test_above_the_capacity_the_queue_grows_by_what_is_too_much_and_drains_again() -> None:
    service = Service(10, 0.1, 0.1)
    waiting, _ = advance(service, np.zeros(1), 15.0, ONE, 60.0)
    assert waiting[0] == pytest.approx(300, rel=0.02)
    drained, busy = advance(service, waiting, 5.0, ONE, 30.0)
    assert (drained[0], busy[0]) == pytest.approx((150, 1), rel=0.05)
    assert Waits.of(service, waiting, ONE, ONE).slower_than(25.0)[0] == pytest.approx(1, abs=0.01)


def test_four_instances_with_one_queue_wait_a_quarter_of_what_each_would_with_its_own() -> None:
    together, alone = (waits_at(Service(10, 0.1, 0.1), 8 * count, count).mean_latency[0] - 0.1 for count in (4, 1))
    assert together == pytest.approx(alone / 4)

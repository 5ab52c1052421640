"""Autoscaling in the simulation acts when, and by as much as, AWS documents."""

from typing import Any

import numpy as np
import pytest

from pedigree.planning.policies import Rules, StepScaling, TargetTracking
from pedigree.planning.queueing import advance
from pedigree.planning.simulation import Hosting, Simulated, simulate
from pedigree.planning.trace import Trace, shape_trace
from pedigree.settings import Autoscaling, CpuStep, Traffic
from tests.lab.planned import curve, hosting

MINUTE = 6  # buckets


def minutes(*parts: tuple[float, float]) -> Trace:
    """Of (minutes, requests per second)."""
    return Trace(np.concatenate([np.full(round(length * MINUTE), rate) for length, rate in parts]))


def run(trace: Trace, *, host: Hosting | None = None, **settings: Any) -> Simulated:
    """A thousand times the rates, at instances a thousand times as quick, so that no count is a matter of chance."""
    wanted = Autoscaling(**{"target": 300_000.0, "max_instances": 9, **settings})
    return simulate(Trace(trace.rates * 1000), host or hosting(rps=10_000, latency_ms=0.1), Rules.of([wanted]))


def changes(simulated: Simulated) -> list[tuple[float, int]]:
    """(minute, instances) of each change of what is paid for."""
    paid = simulated.paid[:, 0, 0]
    return [(at / MINUTE, int(paid[at])) for at in range(1, len(paid)) if paid[at] != paid[at - 1]]


def test_it_scales_out_in_proportion_after_three_minutes_above_the_target() -> None:
    assert changes(run(minutes((5, 4), (20, 14)))) == [(8, 3)]


def test_two_minutes_above_the_target_are_not_enough() -> None:
    assert changes(run(minutes((5, 4), (2, 14), (10, 4)))) == []


def test_an_added_instance_is_paid_for_at_once_and_serves_when_it_has_started() -> None:
    seen = run(minutes((10, 8)), host=hosting(startup=120.0, rps=10_000, latency_ms=0.1))
    assert changes(seen) == [(3, 2)]
    serving = seen.serving[:, 0, 0]
    assert int(serving.argmax()) == 5 * MINUTE


def test_it_scales_in_after_fifteen_minutes_below_nine_tenths_of_the_target() -> None:
    assert changes(run(minutes((6, 9.5), (20, 3)))) == [(3, 2), (21, 1)]
    assert changes(run(minutes((6, 9.5), (40, 9.2)))) == [(3, 2)]  # 276 of 300 a minute: within ten percent


def test_in_the_cooldown_only_a_larger_scale_out_adds_more() -> None:
    at_once = {"host": hosting(startup=0.0, rps=10_000, latency_ms=0.1)}
    same, larger = run(minutes((4, 9), (3, 12)), **at_once), run(minutes((4, 9), (3, 24)), **at_once)
    assert changes(same) == [(3, 2)]
    assert changes(larger) == [(3, 2), (5, 3), (6, 4)]  # each counted from what there was before the last
    assert changes(run(minutes((20, 9), (20, 12)), **at_once)) == [(3, 2), (23, 3)]


def test_a_cooldown_parts_two_steps_in() -> None:
    trace = minutes((10, 19), (20, 8), (30, 3))
    assert changes(run(trace, scale_in_cooldown=300)) == [(3, 4), (25, 2), (31, 1)]
    assert changes(run(trace, scale_in_cooldown=600)) == [(3, 4), (25, 2), (35, 1)]


def test_it_stays_within_its_limits() -> None:
    paid = run(minutes((60, 80), (60, 1)), min_instances=2, max_instances=5).paid
    assert (paid.min(), paid.max()) == (2, 5)


def test_steps_add_by_how_high_the_cpu_is_and_remove_below() -> None:
    host = Hosting(curve(rps=10_000, latency_ms=0.1).service, 0.0, full_cpu=100.0)
    steps = (CpuStep(cpu=30, change=-1), CpuStep(cpu=70, change=1), CpuStep(cpu=90, change=2))
    settings = {"policy": "cpu steps", "cpu_steps": steps}
    assert changes(run(minutes((5, 7.5)), host=host, **settings)) == [(3, 2)]
    assert changes(run(minutes((5, 9.5)), host=host, **settings)) == [(3, 3)]
    assert changes(run(minutes((5, 9.5), (40, 2)), host=host, **settings))[1:] == [(20, 2), (25, 1)]


def test_latency_is_tracked_too() -> None:
    host = Hosting(curve().service, 60.0)
    settings = Autoscaling(policy="latency", latency_target_ms=150, max_instances=4)
    seen = simulate(minutes((30, 8)), host, Rules.of([settings]))
    assert seen.paid[-1, 0, 0] >= 2
    assert seen.p99()[0] > 0.15


def test_the_policies_agree_with_what_a_policy_asked_of_aws_says() -> None:
    tracking, value, base = TargetTracking(np.array([10.0])), np.array([25.0]), np.array([2.0])
    assert (tracking.out(value, base)[0], tracking.back(np.array([4.0]), base)[0]) == (5, 1)
    steps = StepScaling((CpuStep(cpu=70, change=1), CpuStep(cpu=90, change=2)))
    assert not steps.is_low(np.zeros(1)).any()


def test_settings_side_by_side_come_to_the_same_as_alone() -> None:
    trace = shape_trace(Traffic(shape="ramp", base_rps=2, peak_rps=24, hours=3))
    settings = [Autoscaling(target=target, max_instances=4) for target in (200.0, 300.0, 400.0)]
    together = simulate(trace, hosting(), Rules.of(settings))
    alone = [simulate(trace, hosting(), Rules.of([each])) for each in settings]
    assert together.instance_seconds.tolist() == [each.instance_seconds[0] for each in alone]
    assert together.p99() == pytest.approx([each.p99()[0] for each in alone])


def test_a_day_of_a_billion_requests_takes_as_many_steps_as_a_day_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    def counted(*given: Any) -> Any:
        steps.append(1)
        return advance(*given)

    monkeypatch.setattr("pedigree.planning.simulation.advance", counted)
    many = shape_trace(Traffic(base_rps=2_000, peak_rps=21_200))
    assert many.requests > 1e9
    seen = simulate(many, hosting(rps=500, latency_ms=2.0), Rules.of([Autoscaling(target=21_000, max_instances=100)]))
    assert len(steps) == 86_400 / many.bucket
    assert 20 < seen.paid.max() <= 100
    assert seen.p99()[0] < 1

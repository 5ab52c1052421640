"""The planner foretells what real autoscaling does under real traffic, in a short and rough version of `make bench-plan`."""

import pytest

from benchmarks import plan
from benchmarks.scaled_endpoint import SERVICE_SECONDS, ScaledEndpoint
from pedigree.planning.queueing import Service
from pedigree.planning.simulation import Hosting
from pedigree.settings import Autoscaling, Traffic
from tests.conftest import live
from tests.lab.live_account import LiveAccount

__all__ = ["live"]
SPEED = 60  # of alarms and cooldowns, twice that of the benchmark
SCALING = Autoscaling(max_instances=3, target=8.0)


def test_a_spike_brings_the_instances_that_were_foretold(live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    live.aws.control("POST", "pace", {"speed": SPEED})
    minute = 60 / SPEED
    spike = Traffic(shape="spike", base_rps=1, peak_rps=25, hours=16 * minute / 3600, peak_minutes=12 * minute / 60)
    for name, value in {"MINUTE": minute, "BUCKET": minute / 6, "SCALING": SCALING, "TRAFFICS": {"spike": spike}}.items():
        monkeypatch.setattr(plan, name, value)
    hosting = Hosting(Service(1 / SERVICE_SECONDS, SERVICE_SECONDS, SERVICE_SECONDS), startup=1.0)
    run = plan.compare(ScaledEndpoint.deploy(live), hosting, "spike", seed=1)
    assert run.predicted.instances[-1] == run.measured.instances[-1] == SCALING.max_instances
    assert run.measured.instances[0] == 1
    assert run.error < 0.5  # a busy machine starts instances late

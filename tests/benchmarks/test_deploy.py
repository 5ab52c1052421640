"""The benchmark of updates under load, with a few of its broken models."""

from benchmarks.broken_models import WAYS
from benchmarks.deploy import SPEED, update_under_load
from tests.conftest import live
from tests.lab.live_account import LiveAccount

__all__ = ["live"]
FEW = ("truncated model.tar.gz", "crashes under load", "too slow once it is live")


def test_broken_updates_fail_no_request(live: LiveAccount) -> None:
    live.aws.control("POST", "pace", {"speed": SPEED})
    outcome = update_under_load(live, [way for way in WAYS if way.name in FEW])
    assert outcome.perfect, (outcome.updates, outcome.failures[:5])
    assert outcome.line.startswith("updates: 6/6, failed requests: 0 of ")
    assert outcome.requests > 100

"""The flow `plan`: the endpoint is measured only when somebody asks, and a run is called after its traffic."""

from contextlib import nullcontext
from typing import Any

import pytest
from prefect.client.orchestration import get_client

from flows import plan as module
from flows.plan import plan
from pedigree.planning.curve import LatencyCurve
from pedigree.settings import Traffic
from tests.flows.stages import ACCOUNT
from tests.lab.planned import curve


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the curve came from."""
    calls: list[str] = []

    def gives_curve(name: str) -> Any:
        def give(*_: Any) -> LatencyCurve:
            calls.append(name)
            return curve()

        return give

    monkeypatch.setattr(module, "find_account", lambda _environment: ACCOUNT)
    monkeypatch.setattr(module, "measure_latency", gives_curve("measured"))
    monkeypatch.setattr(module, "find_curve", gives_curve("found"))
    monkeypatch.setattr(module, "plan_capacity", lambda *_: calls.append("planned"))
    return calls


def test_the_endpoint_is_measured_only_when_somebody_asks(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_traffic", lambda *_: None)
    monkeypatch.setattr(module, "measuring_slot", lambda *_: nullcontext())
    plan.fn()
    plan.fn(measure=True)
    assert asked == ["found", "planned", "measured", "planned"]


@pytest.mark.usefixtures("prefect_server", "asked")
def test_a_run_is_called_after_its_traffic() -> None:
    plan(Traffic(shape="spike"))
    with get_client(sync_client=True) as client:
        assert "plan spike" in {run.name for run in client.read_flow_runs()}

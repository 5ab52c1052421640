"""The flows with their surroundings taken away: no slot to wait for, no event, no rollback that would ask AWS, no report."""

from contextlib import nullcontext
from typing import Any

import pytest

from flows import approve, operationalize, retrain
from tasks import endpoint, registry, report, rollback

MISSIONS = (approve, operationalize, retrain)


@pytest.fixture
def taken_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was restored, in order."""
    restored: list[str] = []
    for name in ("restore_function", "restore_endpoint"):
        monkeypatch.setattr(rollback, name, lambda *_, what=name: restored.append(what))
    for flow in MISSIONS:
        monkeypatch.setattr(flow, "endpoint_slot", lambda *_: nullcontext())
    monkeypatch.setattr(report, "publish_report", lambda *_: None)
    return restored


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that were emitted."""
    events: list[str] = []

    def announce(_account: Any, event: str, **_details: Any) -> None:
        events.append(event)

    for module in (endpoint, registry, report):
        monkeypatch.setattr(module, "announce", announce)
    return events

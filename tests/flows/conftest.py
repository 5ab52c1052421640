"""The flows with their surroundings taken away: no slot to wait for, no event, no rollback that would ask AWS."""

from contextlib import nullcontext
from typing import Any

import pytest

from flows import promotion


@pytest.fixture(autouse=True)
def compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """No instance types: they are asked of AWS."""
    monkeypatch.setattr(promotion, "compare_instances", lambda *_: None)


@pytest.fixture
def taken_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was restored, in order."""
    restored: list[str] = []
    for name in ("restore_function", "restore_endpoint"):
        monkeypatch.setattr(promotion, name, lambda *_, what=name: restored.append(what))
    monkeypatch.setattr(promotion, "endpoint_slot", lambda _endpoint: nullcontext())
    return restored


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that were emitted."""
    events: list[str] = []

    def announce(_account: Any, event: str, **_details: Any) -> None:
        events.append(event)

    for module in ("flows.promotion", "flows.retrain"):
        monkeypatch.setattr(f"{module}.announce", announce)
    return events

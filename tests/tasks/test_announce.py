"""What is announced is an event that an automation can match and pass on."""

from typing import Any

import pytest
from prefect.events.schemas.events import Event

from pedigree.values import Account
from tasks.runs import announce as announcing
from tasks.runs.announce import announce

ACCOUNT = Account("way-in", "dogs", "us-east-1", "bucket", "training-role", "serving-role", "function-role", "topic")


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Events as Prefect would send them."""
    events: list[Event] = []

    def emit(event: str, resource: dict[str, str], payload: dict[str, Any]) -> None:
        events.append(Event.model_validate({"event": event, "resource": resource, "payload": payload, "occurred": "2026-11-21T00:00:00Z"}))

    monkeypatch.setattr(announcing, "emit_event", emit)
    return events


def test_event_is_about_the_project_and_carries_what_people_read(emitted: list[Event]) -> None:
    announce(ACCOUNT, "promoted", subject="dogs: version 3 is live", message="accuracy 92.5%", package="pedigree/3")
    (event,) = emitted
    assert event.event == "pedigree.promoted"
    assert event.resource.id == "pedigree.project.dogs"
    assert event.resource["pedigree.credentials"] == "way-in"
    assert event.payload == {"subject": "dogs: version 3 is live", "message": "accuracy 92.5%", "package": "pedigree/3"}

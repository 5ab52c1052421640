"""What is announced is an event that an automation can match and pass on."""

import uuid
from typing import Any

import pytest
from prefect import runtime
from prefect.events.schemas.events import Event
from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL, temporary_settings

from pedigree.aws import topic
from pedigree.endpoint import deploy
from pedigree.function import publish
from pedigree.values import Account, Endpoint, FunctionVersion, ModelVersion
from tasks.endpoint import confirm_endpoint
from tasks.notify import publish_message
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


@pytest.mark.parametrize(("api", "address"), [("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/runs/flow-run/r-1"), (None, "r-1")])
def test_the_message_ends_with_the_address_of_the_run(
    emitted: list[Event], monkeypatch: pytest.MonkeyPatch, api: str | None, address: str
) -> None:
    monkeypatch.setattr(runtime.flow_run, "get_id", lambda: "r-1")
    with temporary_settings({PREFECT_API_URL: api}):
        announce(ACCOUNT, "rolled-back", subject="dogs: rolled back", message="wrong answers")
    assert emitted[0].payload["message"] == f"wrong answers\n\nFlow run: {address}"


@pytest.mark.parametrize("due", [True, False])
def test_a_promotion_is_announced_once_it_is_marked_and_until_that_is_marked_too(
    emitted: list[Event], monkeypatch: pytest.MonkeyPatch, *, due: bool
) -> None:
    """Whatever the outcome of the endpoint is: a run after a killed one adopts what is not announced yet."""
    done: list[str] = []

    def confirm(*_: object) -> bool:
        done.append("marked")
        return due

    monkeypatch.setattr(publish, "confirm_function", lambda *_: None)
    monkeypatch.setattr(deploy, "confirm_endpoint", confirm)
    monkeypatch.setattr(deploy, "announced", lambda *_: done.extend(event.event for event in emitted))
    endpoint = Endpoint("dogs", "config", "AllTraffic", "model", "adopted" if due else "updated")
    version = ModelVersion("arn:package/3", "k", "s3://b/model.tar.gz", "adopted")
    confirm_endpoint.fn(ACCOUNT, endpoint, FunctionVersion("dogs", "k", "1", "live", 5, 3, "adopted"), version)
    assert [event.payload["message"] for event in emitted] == (["arn:package/3"] if due else [])
    assert done == (["marked", "pedigree.promoted"] if due else ["marked"])


@pytest.mark.parametrize(("api", "address"), [("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/runs/flow-run/"), (None, "")])
def test_a_message_about_a_run_ends_with_its_address(api: str | None, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(topic, "publish_message", lambda _account, _subject, message: sent.append(message))
    run = str(uuid.uuid4())
    with temporary_settings({PREFECT_API_URL: api}, restore_defaults={PREFECT_UI_URL}):
        publish_message.fn(ACCOUNT, "operationalize Failed", "boom", run)
        publish_message.fn(ACCOUNT, "hello", "a test")
    assert sent == [f"boom\n\nFlow run: {address}{run}", "a test"]

"""Work beside that of the run: whatever becomes of it, the run ends as it would have ended without it."""

import pytest

from pedigree.text import Page
from tasks.runs import artifacts
from tasks.runs.beside import beside


def test_its_error_is_a_note_of_the_first_one() -> None:
    first = ValueError("wrong")
    with beside("the announcement", first):
        raise ConnectionError("lost")
    assert first.__notes__ == ["the announcement failed too: ConnectionError: lost"]


def test_a_cancellation_passes() -> None:
    with pytest.raises(KeyboardInterrupt), beside("the report"):
        raise KeyboardInterrupt


def test_an_artifact_that_prefect_refuses_fails_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(*_: object, key: str, **_more: str) -> None:
        asked.append(key)
        raise ConnectionError("refused")

    monkeypatch.setattr("prefect.runtime.flow_run.get_id", lambda: "b1946ac9")
    monkeypatch.setattr(artifacts, "create_markdown_artifact", refuse)
    monkeypatch.setattr(artifacts, "create_table_artifact", refuse)
    artifacts.show_page("dogs-report", Page("# dogs", "dogs"))
    artifacts.show_table("dogs-plan", [{"What": "training"}], "dogs")
    assert asked == ["dogs-report", "dogs-plan"]

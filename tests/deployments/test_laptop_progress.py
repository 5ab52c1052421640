"""A run is followed to its end: every state and log line once, oldest first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deployments.laptop import progress, run
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.run import line, without_frames
from tasks.runs.tags import RESUMABLE

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat()


def state(name: str, seconds: float, message: str | None = None) -> dict[str, Any]:
    return {"id": f"{name}{seconds}", "type": name.upper(), "name": name, "timestamp": at(seconds), "message": message}


def log(message: str, seconds: float, task_run: str | None = None) -> dict[str, Any]:
    return {"id": message, "name": "prefect.flow_runs", "message": message, "timestamp": at(seconds), "task_run_id": task_run}


class RecordedRun(PrefectApi):
    """Answers from a script: at each look at the run, the states and logs the server has by then."""

    def __init__(self, *looks: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
        super().__init__("http://nowhere", auth_string="")
        self.looks, self.look = looks, -1

    def get(self, path: str) -> Any:
        if path.startswith("/flow_runs/"):
            self.look += 1
            return {"state": self.looks[self.look][0][-1], "tags": [RESUMABLE]}
        if path.startswith("/task_runs/"):
            if self.look < 2:
                raise ApiError(404, "Task run not found")
            return {"name": "train model"}
        return self.looks[self.look][0]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        assert path == "/logs/filter"
        after = body["logs"].get("timestamp", {}).get("after_", "")
        known = [entry for entry in self.looks[self.look][1] if entry["timestamp"] >= after]
        return known[body["offset"] : body["offset"] + body["limit"]]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(progress, "SHIPPING_SECONDS", 0.0)
    monkeypatch.setattr(progress, "SURE_SECONDS", 0.0)


def follow(api: PrefectApi) -> tuple[str, list[progress.Event]]:
    shown: list[progress.Event] = []
    return progress.follow(api, "run", shown.append)["name"], shown


def test_each_event_is_shown_once_in_order_and_the_last_state_is_given() -> None:
    pending, running, completed = state("Pending", 0), state("Running", 2), state("Completed", 9)
    early, late, last = log("early", 3), log("late", 4), log("last", 8)
    api = RecordedRun(([pending], []), ([pending, running], [late]), ([pending, running, completed], [early, late, last]))
    name, shown = follow(api)
    assert name == "Completed"
    assert [event.text for event in shown] == ["Pending", "Running", "late", "early", "last", "Completed"]


def test_a_run_that_crashed_a_moment_ago_is_followed_into_its_next_life() -> None:
    now = (datetime.now(UTC) - BEGIN).total_seconds()
    crashed, scheduled, completed = state("Crashed", now), state("Scheduled", now + 1), state("Completed", now + 9)
    name, shown = follow(RecordedRun(([crashed], []), ([crashed, scheduled], []), ([crashed, scheduled, completed], [])))
    assert (name, [event.text for event in shown]) == ("Completed", ["Crashed", "Scheduled", "Completed"])


class DeletedRun(RecordedRun):
    """The server knows the run at these looks only."""

    known = (True, False, True)

    def get(self, path: str) -> Any:
        if path.startswith("/flow_runs/") and not (self.look + 1 < len(self.known) and self.known[self.look + 1]):
            self.look += 1
            raise ApiError(404, "Flow run not found")
        return super().get(path)


def test_a_run_that_somebody_deleted_is_followed_no_longer() -> None:
    api = DeletedRun(*[([state("Running", 0)], [])] * 5)
    with pytest.raises(progress.RunDeleted):
        follow(api)
    assert api.look == 4, "the server that did not know it once was asked again"


def test_following_a_deleted_run_ends_in_a_sentence_and_as_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def deleted(*_: Any) -> None:
        raise progress.RunDeleted

    monkeypatch.setattr(run, "bring_up", lambda _folder: SimpleNamespace(prefect_url="http://nowhere"))
    monkeypatch.setattr(PrefectApi, "of", lambda _stack: None)
    monkeypatch.setattr(run, "create_run", lambda *_: {"id": "b1946ac9", "name": "shapes with small_cnn"})
    monkeypatch.setattr(run, "how_to_log_in", lambda _folder: "")
    monkeypatch.setattr(run, "follow", deleted)
    assert run.run(tmp_path, {}) == 1
    assert "Flow run shapes with small_cnn was deleted in Prefect" in capsys.readouterr().out


def test_a_run_that_nothing_resumed_has_ended() -> None:
    name, _ = follow(RecordedRun(([state("Crashed", 0)], [])))
    assert name == "Crashed"


def test_more_lines_than_a_page_are_all_shown() -> None:
    lines = [log(f"line {number}", number / 100) for number in range(2 * progress.PAGE + 1)]
    _, shown = follow(RecordedRun(([state("Failed", 60, "no disk")], lines)))
    assert [event.text for event in shown] == [entry["message"] for entry in lines] + ["Failed: no disk"]


def test_a_line_carries_the_name_of_its_task_run_as_soon_as_the_server_knows_it() -> None:
    running, completed = state("Running", 0), state("Completed", 9)
    first, second = log("first", 1, "id"), log("second", 2, "id")
    _, shown = follow(RecordedRun(([running], [first]), ([running], [first]), ([running, completed], [first, second])))
    assert [(event.source, event.text) for event in shown if event.source] == [("task", "first"), ("train model", "second")]


def test_a_traceback_is_shown_without_its_frames() -> None:
    frames = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'
    first, second = f"{frames}KeyError: 'x'", f"{frames}JobFailed: no memory\nWhat to do: less"
    chained = f"Encountered exception\n{first}\n\nDuring handling, another exception occurred:\n\n{second}"
    assert without_frames(chained) == "Encountered exception\nJobFailed: no memory\nWhat to do: less"
    assert without_frames("epoch=1\n  indented") == "epoch=1\n  indented"


def test_further_lines_of_a_message_are_indented_below_its_first() -> None:
    event = progress.Event("id", BEGIN, "train model", "first\nsecond")
    assert line(event).plain.splitlines()[0].endswith("  train model  first")
    assert line(event).plain.splitlines()[1] == "          second"

"""A run that keeps losing its process is given up."""

from types import SimpleNamespace
from typing import Any

import pytest
from prefect.runtime import flow_run

from pedigree.aws.errors import OutOfAttempts
from tasks.runs import tags
from tasks.runs.resume import MAX_RUNS, begin_resumable_run


def begun(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    values: dict[str, Any] = {"run_count": times, "name": "dogs with resnet50", "id": None}
    monkeypatch.setattr(tags, "flow_run", SimpleNamespace(get_id=lambda: None))
    monkeypatch.setattr(flow_run, "__getattr__", values.__getitem__)


@pytest.mark.parametrize("times", range(1, MAX_RUNS + 1))
def test_a_run_may_begin_again_after_a_crash(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    begun(monkeypatch, times)
    begin_resumable_run()


def test_a_run_that_crashed_too_often_fails_and_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    begun(monkeypatch, MAX_RUNS + 1)
    with pytest.raises(OutOfAttempts, match=r"(?s)dogs with resnet50: it has begun 3 times.*start a new run"):
        begin_resumable_run()

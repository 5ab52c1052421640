"""The epochs of a job on the page of its flow run, as they come."""

import logging
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact

from pedigree.training.epochs import read_epochs, table_of
from tasks.runs.artifacts import LiveArtifact
from tasks.runs.epochs import LiveEpochs

FIRST = "epoch=1 train:loss=0.9000 train:accuracy=0.5000 valid:loss=0.8000 valid:accuracy=0.6000 epoch:seconds=4.25"
SECOND = "epoch=2 train:loss=0.4000 train:accuracy=0.8000 valid:loss=0.5000 valid:accuracy=0.9000 epoch:seconds=2.00"
THIRD = "epoch=3 train:loss=nan train:accuracy=0.1000 valid:loss=nan valid:accuracy=0.1000 epoch:seconds=2.00"


def watched(lines: list[str], name: str = "pets--train-1", epochs: LiveEpochs | None = None) -> LiveEpochs:
    """A job of four epochs, validated on 40 images, whose log has shown each of these lines in a look of its own."""
    epochs = epochs or LiveEpochs(4, 40)
    for line in lines:
        epochs({"TrainingJobName": name}, [line])
    return epochs


def artifacts(key: str) -> list[Artifact]:
    with get_client(sync_client=True) as prefect:
        return prefect.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))


def shown(name: str) -> tuple[Any, Any]:
    """What the only bar and the only table of the job show."""
    (bar,), (table,) = artifacts(f"{name}-progress"), artifacts(f"{name}-epochs")
    return bar, table


def test_a_line_of_the_log_becomes_a_row_like_those_of_the_history() -> None:
    lines = ["loading 12 pictures", FIRST, "test:loss=0.4 test:accuracy=0.9", THIRD]
    first, third = read_epochs(lines)
    assert first == {
        "epoch": 1,
        "train_loss": 0.9,
        "train_accuracy": 0.5,
        "valid_loss": 0.8,
        "valid_accuracy": 0.6,
        "epoch_seconds": 4.25,
    }
    assert (third["epoch"], str(third["valid_loss"])) == (3, "nan")


def test_the_table_has_no_column_of_what_is_not_known() -> None:
    assert list(table_of([{"epoch": 1, "valid_loss": 0.5}], 40)[0]) == ["Epoch", "Valid loss"]


@pytest.mark.usefixtures("prefect_server")
def test_the_bar_and_the_table_follow_the_log() -> None:
    seen: list[Any] = []

    @flow
    def train() -> None:
        epochs = watched(["downloading the input"], "pets--train-1")
        seen.extend((artifacts("pets--train-1-progress")[0].data, artifacts("pets--train-1-epochs")))
        watched([FIRST], "pets--train-1", epochs)
        seen.append(shown("pets--train-1")[0].data)
        watched([SECOND, THIRD], "pets--train-1", epochs)

    train()
    assert seen == [0, [], 25]
    bar, table = shown("pets--train-1")
    assert (bar.data, bar.description) == (75, "pets--train-1: epoch 3 of 4")
    assert table.description == "pets--train-1: 3 of 4 epochs; epoch 2 is the best: valid accuracy 90.0% (76.3% to 97.2%)"
    for text in ("2 (kept)", "90.0% (76.3% to 97.2%)", '"Train loss": "nan"', '"Seconds": "4.2"'):
        assert text in table.data


@pytest.mark.usefixtures("prefect_server")
def test_a_task_that_begins_again_and_a_job_found_ended_go_on_with_the_same_two() -> None:
    attempts: list[int] = []

    @task(retries=1)
    def follow() -> None:
        attempts.append(1)
        watched([FIRST] if len(attempts) == 1 else [FIRST, SECOND], "pets--train-2")
        if len(attempts) == 1:
            raise ConnectionError("the network was away")

    @flow
    def train() -> None:
        follow()
        history = [{"epoch": 1, "valid_loss": 0.8}, {"epoch": 2, "valid_loss": 0.5}]
        LiveEpochs(2, 40).seen("pets--train-2", history)

    train()
    bar, table = shown("pets--train-2")
    assert len(attempts) == 2
    assert bar.data == 100
    assert table.data.count("Epoch") == 2


@pytest.mark.usefixtures("prefect_server")
def test_the_same_job_in_another_run_is_on_that_run_s_page_too() -> None:
    runs = []
    for _ in range(2):
        flow(name="train")(lambda: watched([FIRST], "pets--train-3"))()
        runs = [artifact.flow_run_id for artifact in artifacts("pets--train-3-epochs")]
    assert len(set(runs)) == 2


def test_nothing_new_costs_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[str] = []
    monkeypatch.setattr(LiveArtifact, "show", lambda self, _artifact: put.append(self.key))
    watched(["waiting", "waiting", FIRST, "a batch", "another"])
    assert put == ["pets--train-1-progress", "pets--train-1-progress", "pets--train-1-epochs"]


def test_a_server_that_is_away_does_not_end_the_training(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_self: LiveArtifact, _artifact: object) -> None:
        raise httpx.ConnectError("connection refused")

    monkeypatch.setattr("tasks.runs.artifacts.flow_run.get_id", lambda: str(UUID(int=0)))
    monkeypatch.setattr("tasks.runs.artifacts.get_run_logger", lambda: logging.getLogger("away"))
    monkeypatch.setattr(LiveArtifact, "_put", refuse)
    watched([FIRST])
    assert "pets--train-1-epochs is not up to date: connection refused" in caplog.text

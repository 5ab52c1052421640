"""Trainings side by side that really run: when one fails, the other is stopped and the run ends."""

from dataclasses import replace
from pathlib import Path

import pytest
from prefect import flow
from prefect.runtime import flow_run

from pedigree.aws.errors import JobFailed
from pedigree.report.record import Record
from pedigree.settings import Mission, Training
from pedigree.training.ways import Way
from pedigree.values import CostPlan, Dataset
from tasks.runs.artifacts import LiveArtifact
from tasks.runs.stage import recorded
from tasks.training import train, train_model, training_stages
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.pedigree.training.test_live import SCRIPT as ENDING

MISSION = Mission(training=Training(image="local/pytorch-training:1", instance_count=2, compare=True))
PLAN = CostPlan(run=(), month=(), by_hand=(), prices_of="")
SCRIPT = """
import json, os, pathlib, time
config = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "input/config/resourceconfig.json")
assert len(json.loads(config.read_text())["hosts"]) == 2, "one alone cannot do it"
time.sleep(600)
"""


@pytest.fixture
def dataset(live: LiveAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefect_server: None) -> Dataset:
    """Of a run whose training on one instance fails, while the other takes ten minutes; the script is `train.py`."""
    files = {"model/__init__.py": tmp_path / "__init__.py", "model/train.py": tmp_path / "train.py"}
    files["model/__init__.py"].touch()
    files["model/train.py"].write_text(SCRIPT)
    monkeypatch.setattr("pedigree.training.jobs.package_files", lambda _package: files)
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    return Dataset("d1", f"s3://{live.account.bucket}/datasets/d1/", ("a", "b"), {"train": 4, "valid": 4, "test": 8}, "created")


def test_one_that_fails_stops_the_others(live: LiveAccount, dataset: Dataset) -> None:
    records: list[Record] = []

    @flow
    def mission() -> None:
        run = str(flow_run.get_id())
        with recorded(run, training_stages(MISSION)) as record:
            records.append(record)
            train(replace(live.account, run=run), dataset, MISSION, PLAN)

    with pytest.raises(JobFailed, match="one alone cannot do it"):
        mission()
    wait_until(lambda: sorted(statuses(live)) == ["Failed", "Stopped"], "the other job was not stopped")
    assert live.writes().count("sagemaker:CreateTrainingJob") == 2
    messages = {name: str(stage.message).split(":")[0] for name, stage in records[0].stages.items()}
    assert messages == {"training": "GivenUp", "training on one instance": "JobFailed", "selection": "None"}


def statuses(live: LiveAccount) -> list[str]:
    found = live.client("sagemaker").list_training_jobs(NameContains=live.account.project)["TrainingJobSummaries"]
    return [job["TrainingJobStatus"] for job in found]


def test_its_epochs_are_shown_as_they_come_and_when_it_is_found_ended(
    live: LiveAccount, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(LiveArtifact, "show", lambda _self, artifact: shown.append(artifact.description))
    epoch = 'import time; time.sleep(2); print("epoch=1 train:loss=0.7 valid:loss=0.6 valid:accuracy=0.5", flush=True)'
    (tmp_path / "train.py").write_text(ENDING.format(body=epoch))
    way = Way("training", Training(image="local/pytorch-training:1", epochs=1))
    name = train_model.fn(live.account, dataset, way).job_name
    assert shown[0] == f"{name}: epoch 0 of 1"
    assert f"{name}: 1 of 1 epochs; epoch 1 is the best: valid accuracy 50.0% (6.8% to 93.2%)" in shown
    shown.clear()
    assert train_model.fn(live.account, dataset, way).outcome == "adopted"
    assert shown == [f"{name}: epoch 1 of 1", f"{name}: 1 of 1 epochs"]

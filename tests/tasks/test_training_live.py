"""Trainings side by side that really run: when one fails, the other is stopped and the run ends."""

from dataclasses import replace
from pathlib import Path

import pytest
from prefect import flow
from prefect.runtime import flow_run

from pedigree.aws.errors import JobFailed
from pedigree.report.record import Record
from pedigree.settings import Mission, Training
from pedigree.values import CostPlan, Dataset
from tasks.runs.stage import recorded
from tasks.training import train, training_stages
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until

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
    """Of a run whose training on one instance fails, while the other takes ten minutes."""
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

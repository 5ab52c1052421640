"""SIGKILL of the flow in the middle of a study, then the same again: the same trials, and each trained once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter
from prefect.settings import get_current_settings

from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.trial_jobs import TUNING
from tests.model.containers import encoded

CREATE = "sagemaker:CreateTrainingJob"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for split in ("train", "valid", "test"):
        for number, name in enumerate(("a", "b")):
            folder = tmp_path / "pictures" / split / name
            folder.mkdir(parents=True)
            (folder / f"{split}.jpg").write_bytes(encoded((200, 40, 40), seed=number + len(split)))
    return tmp_path / "pictures"


@pytest.fixture
def command(live: LiveAccount, prefect_server: None, pictures: Path, tmp_path: Path) -> list[str]:
    live.credentials_block().save(live.account.project)
    return [sys.executable, "-m", "tests.lab.tuning_process", live.account.project, str(pictures), str(tmp_path)]


def start(command: list[str]) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_study_killed_in_the_middle_and_started_again_trains_each_trial_once(live: LiveAccount, command: list[str]) -> None:
    with start(command) as killed:
        wait_until(begun(live, 1), "no trial was begun")
        wait_until(begun(live, 3), "no third trial was begun")
        killed.kill()
    proposed = ledger(live)
    assert 3 <= len(proposed) < TUNING.trials
    with start(command) as again:
        output, _ = again.communicate(timeout=120)
    assert again.returncode == 0, output
    assert live.writes().count(CREATE) == TUNING.trials
    assert proposed.items() <= ledger(live).items()
    report = study_report(live)
    assert [trial["status"] for trial in report["trials"]] == ["completed"] * TUNING.trials
    assert {trial["job"] for trial in report["trials"]} == job_names(live)
    assert "adopted" in [trial["outcome"] for trial in report["trials"]]
    page = page_of(live)
    assert all(title in page for title in ("### Trials", "### Importance", "make run DATASET="))


def begun(live: LiveAccount, trials: int) -> Callable[[], bool]:
    return lambda: live.writes().count(CREATE) >= trials


def ledger(live: LiveAccount) -> dict[str, str]:
    s3 = live.client("s3")
    return {key: s3.head_object(Bucket=live.account.bucket, Key=key)["ETag"] for key in live.keys("tuning/")}


def study_report(live: LiveAccount) -> dict[str, Any]:
    (key,) = [key for key in live.keys("runs/") if key.endswith("tuning.json")]
    report: dict[str, Any] = json.loads(live.client("s3").get_object(Bucket=live.account.bucket, Key=key)["Body"].read())
    return report


def job_names(live: LiveAccount) -> set[str]:
    found = live.client("sagemaker").list_training_jobs(NameContains=f"{live.account.project}--trial-")["TrainingJobSummaries"]
    return {job["TrainingJobName"] for job in found}


def page_of(live: LiveAccount) -> str:
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter.model_validate({"key": {"any_": [f"{live.account.project}-tuning"]}})
        (artifact,) = client.read_artifacts(artifact_filter=wanted)
    return str(artifact.data)

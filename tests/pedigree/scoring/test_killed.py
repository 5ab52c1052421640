"""500 images through `score`, killed half-way and started again: 500 predictions, none twice, and each was asked about once."""

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter
from prefect.settings import get_current_settings
from pyarrow import parquet

from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.scoring_images import image, scorer

CREATE = "sagemaker:CreateTransformJob"
IMAGES, JOBS = 500, 6  # of 100 images: the broken one is found by the model


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """In two folders; beside them one that is empty, one that is no image whatever its name says, and one of another name."""
    for number in range(IMAGES):
        path = tmp_path / "images" / f"day{number % 2}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image(number))
    (tmp_path / "images/day1/empty.jpg").touch()
    (tmp_path / "images/day1/000-broken.jpg").write_text("not an image")
    (tmp_path / "images/notes.txt").write_text("taken in spring")
    return tmp_path / "images"


@pytest.fixture
def command(live: LiveAccount, prefect_server: None, images: Path) -> list[str]:
    live.credentials_block().save(live.account.project)
    return [sys.executable, "-m", "tests.lab.scoring_process", live.account.project, str(images), scorer(live, seconds=0.01)]


def start(command: list[str]) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_images_scored_by_a_run_that_was_killed_are_not_scored_again(live: LiveAccount, command: list[str]) -> None:
    with start(command) as killed:
        wait_until(lambda: live.writes().count(CREATE) >= 3, "no third job was begun")
        killed.kill()
    begun = live.writes().count(CREATE)
    assert 3 <= begun < JOBS
    with start(command) as again:
        output, _ = again.communicate(timeout=120)
    assert again.returncode == 0, output
    assert live.writes().count(CREATE) == JOBS, "each job was created once"
    (predictions,) = [key for key in live.keys("scores/") if key.endswith("predictions.parquet")]
    rows = parquet.read_table(BytesIO(live.get(predictions))).to_pylist()
    names = [row["image"].partition("/day")[2] for row in rows]
    assert names == sorted(f"{number % 2}/{number:03}.jpg" for number in range(IMAGES)), "every image once, in the order of the keys"
    assert {row["model_package"] for row in rows} == {command[-1]}
    assert all(max(dict(row["probabilities"]).values()) == row["probability"] for row in rows)
    bad = [json.loads(line) for line in live.get(predictions.replace("predictions.parquet", "bad.jsonl")).splitlines()]
    assert {each["image"].rpartition("/")[2]: each["reason"] for each in bad} == {
        "000-broken.jpg": "this is not a JPEG or PNG",
        "empty.jpg": "it is empty",
        "notes.txt": "its name does not end in .jpeg, .jpg, .png",
    }
    assert answers_written(live) == IMAGES + 1, "the model was asked about each image once"
    assert "500 predictions and 3 bad images" in page_of(live)


def answers_written(live: LiveAccount) -> int:
    written = [
        entry for entry in live.aws.journal(live.begun) if entry.principal == live.account.scoring_role and entry.action == "s3:PutObject"
    ]
    return len(written)


def page_of(live: LiveAccount) -> str:
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter.model_validate({"key": {"any_": [f"{live.account.project}-scores"]}})
        (artifact,) = client.read_artifacts(artifact_filter=wanted)
    return str(artifact.data)

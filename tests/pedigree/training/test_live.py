"""Training jobs that really run, with a script of a few lines: every row of the adoption rule."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import JobFailed, JobStopped, OutOfAttempts
from pedigree.aws.logs import LogTail
from pedigree.settings import Training
from pedigree.trained_model import TrainedModel
from pedigree.training.code import key_of_files
from pedigree.training.jobs import Jobs, train_model
from pedigree.values import Dataset
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until

IMAGE = "local/pytorch-training:1"
SCRIPT = """
import json, os, pathlib, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
{body}
(base / "model/weight").write_text("trained")
(base / "output/data/history.json").write_text(json.dumps([{{"epoch": 1, "train_loss": 0.5}}]))
evaluation = {{"classes": ["a", "b"], "confusion": [[3, 1], [0, 4]], "samples": []}}
(base / "output/data/evaluation.json").write_text(json.dumps(evaluation))
"""
BEGUN = r"(?s)^training job: \S+: the network has no layers\nWhat to do: mend [^\n]*\nIts last lines:\n"
FAILING = """
(base / "output/failure").write_text("the network has no layers")
raise RuntimeError("no layers: " + "1 2 3".replace(" ", "-"))
"""

Train = Callable[..., TrainedModel]


class Died(Exception):
    """The flow's process ends while its job goes on."""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Path]]:
    """Makes a script with this body the code channel."""

    def write(body: str) -> dict[str, Path]:
        files = {"model/__init__.py": tmp_path / "__init__.py", "model/train.py": tmp_path / "train.py"}
        files["model/__init__.py"].touch()
        files["model/train.py"].write_text(SCRIPT.format(body=body))
        monkeypatch.setattr("pedigree.training.jobs.package_files", lambda _package: files)
        return files

    write("")
    return write


@pytest.fixture
def train(live: LiveAccount, code: Callable[[str], object]) -> Train:
    """Trains on three objects, with these settings."""
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    uri = f"s3://{live.account.bucket}/datasets/d1/"
    dataset = Dataset("d1", uri, ("a", "b"), {"train": 4, "valid": 4, "test": 8}, "created")
    return lambda **settings: train_model(live.account, dataset, Training(image=IMAGE, **settings))


@pytest.fixture
def held(code: Callable[[str], object], train: Train, tmp_path: Path) -> Path:
    """A job is left in progress by a run that died; it goes on when this file is there."""
    release = tmp_path / "release"
    code(f"while not os.path.exists({str(release)!r}): time.sleep(0.01)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Jobs, "wait", die)
        with pytest.raises(Died):
            train()
    return release


def die(*_: object) -> None:
    raise Died


def created(live: LiveAccount) -> int:
    return live.writes().count("sagemaker:CreateTrainingJob")


def jobs(live: LiveAccount) -> dict[str, str]:
    """Status of every training job of the account, by its name without the project."""
    found = live.client("sagemaker").list_training_jobs(NameContains=live.account.project)["TrainingJobSummaries"]
    return {job["TrainingJobName"].removeprefix(f"{live.account.project}--train-"): job["TrainingJobStatus"] for job in found}


def test_a_job_is_created_and_then_adopted(live: LiveAccount, train: Train) -> None:
    first = train()
    assert (first.outcome, first.attempt, first.job_name) == ("created", 1, f"{live.account.project}--train-{first.key}")
    assert (first.history, first.evaluation.accuracy) == ([{"epoch": 1, "train_loss": 0.5}], 7 / 8)
    again = train(instance_type="ml.m5.large", max_runtime_seconds=600)
    assert (again.key, again.artifact, again.outcome) == (first.key, first.artifact, "adopted")
    assert created(live) == 1


def test_other_settings_code_or_a_new_word_are_a_new_job(live: LiveAccount, train: Train, code: Callable[[str], object]) -> None:
    keys = {train().key, train(epochs=11).key, train(fresh="again").key}
    code("pass")
    assert len(keys | {train().key}) == created(live) == 4


def test_a_job_in_progress_is_attached_to(live: LiveAccount, train: Train, held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def release(_tail: LogTail) -> list[str]:
        held.touch()  # so the job cannot have ended before it was looked at
        return []

    monkeypatch.setattr(LogTail, "pass_on", release)
    assert train().outcome == "adopted"
    assert created(live) == 1


def test_a_lost_artifact_is_trained_again(live: LiveAccount, train: Train) -> None:
    first = train()
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=first.artifact.removeprefix(f"s3://{live.account.bucket}/"))
    second = train()
    assert (second.outcome, second.attempt, second.job_name) == ("created", 2, f"{first.job_name}-2")
    assert train().artifact == second.artifact != first.artifact
    assert created(live) == 2


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceUnavailable", "status": 503}], ids=["dropped", "503"])
def test_a_lost_answer_leaves_one_job(live: LiveAccount, train: Train, loss: dict[str, Any]) -> None:
    live.aws.add_fault("sagemaker", "CreateTrainingJob", when="after", **loss)
    model = train()
    assert jobs(live) == {model.key: "Completed"}


def test_a_failing_script_fails_with_its_own_traceback(live: LiveAccount, train: Train, code: Callable[[str], object]) -> None:
    code(FAILING)
    with pytest.raises(JobFailed, match=f"{BEGUN}.*Traceback.*RuntimeError: no layers: 1-2-3"):
        train()
    with pytest.raises(JobFailed, match="the network has no layers"):
        train()
    assert created(live) == 1


def test_only_a_person_tries_a_failed_job_again(live: LiveAccount, train: Train, code: Callable[[str], object], tmp_path: Path) -> None:
    code(f"assert os.path.exists({str(tmp_path / 'mended')!r}), 'not yet'")
    with pytest.raises(JobFailed, match="not yet"):
        train()
    with pytest.raises(JobFailed, match="not yet"):
        train(retry_failed=True)
    assert created(live) == 2
    (tmp_path / "mended").touch()
    model = train(retry_failed=True)
    assert (model.attempt, jobs(live)) == (3, {model.key: "Failed", f"{model.key}-2": "Failed", f"{model.key}-3": "Completed"})
    assert train(retry_failed=True).outcome == "adopted"


def test_a_stopped_job_is_not_adopted(live: LiveAccount, train: Train, held: Path) -> None:
    (key,) = jobs(live)
    live.client("sagemaker").stop_training_job(TrainingJobName=f"{live.account.project}--train-{key}")
    wait_until(lambda: jobs(live) == {key: "Stopped"})
    with pytest.raises(JobStopped, match="retry_failed"):
        train()
    assert created(live) == 1
    held.touch()
    assert train(retry_failed=True).job_name.endswith(f"{key}-2")


def block_channel(live: LiveAccount, files: dict[str, Path]) -> str:
    """Key of an object that local_aws cannot lay beside `train.py`, so that it fails the job by a fault of its own."""
    key = f"code/{key_of_files(files)}/model/train.py/and-a-folder"
    live.put(key, b"")
    return key


def test_what_aws_failed_is_followed_by_the_next_attempt(
    live: LiveAccount,
    train: Train,
    code: Callable[[str], dict[str, Path]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    blocking, wait = block_channel(live, code("")), Jobs.wait

    def wait_and_unblock(self: Jobs, *arguments: Any) -> Any:
        ended = wait(self, *arguments)
        live.client("s3").delete_object(Bucket=live.account.bucket, Key=blocking)
        return ended

    monkeypatch.setattr(Jobs, "wait", wait_and_unblock)
    model = train()
    assert (model.attempt, jobs(live)) == (2, {model.key: "Failed", f"{model.key}-2": "Completed"})
    assert f"{model.key} is lost: InternalServerError: " in caplog.text


def test_three_attempts_that_aws_failed_are_enough_until_a_person_asks(
    live: LiveAccount, train: Train, code: Callable[[str], dict[str, Path]]
) -> None:
    blocking = block_channel(live, code(""))
    for attempts in (3, 3):
        with pytest.raises(OutOfAttempts, match=r"the last of 3 attempts: InternalServerError.*\n.*retry_failed"):
            train()
        assert created(live) == attempts
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=blocking)
    assert train(retry_failed=True).attempt == 4

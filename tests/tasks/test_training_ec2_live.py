"""Trainings on EC2 that really run on an instance of local_aws, with a script of a few lines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.settings import Ec2, Training
from tasks.training.ec2.train import train_on_ec2
from tasks.values import Dataset, TrainedModel
from tests.tasks.live_account import LiveAccount
from tests.tasks.test_training_live import SCRIPT

Train = Callable[..., TrainedModel]


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Path]]:
    def write(body: str) -> dict[str, Path]:
        files = {"model/__init__.py": tmp_path / "__init__.py", "model/train.py": tmp_path / "train.py"}
        files["model/__init__.py"].touch()
        files["model/train.py"].write_text(SCRIPT.format(body=body))
        monkeypatch.setattr("tasks.training.ec2.train.package_files", lambda _package: files)
        return files

    write("")
    return write


@pytest.fixture
def train(live: LiveAccount, code: Callable[[str], object]) -> Train:
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    uri = f"s3://{live.account.bucket}/datasets/d1/"
    dataset = Dataset("d1", uri, ("a", "b"), {"train": 4, "valid": 4, "test": 8}, "created")
    return lambda **settings: train_on_ec2.fn(live.account, dataset, Training(**settings), Ec2(enabled=True))


def test_first(live: LiveAccount, train: Train) -> None:
    first = train()
    print(first)
    again = train()
    print(again, live.writes())

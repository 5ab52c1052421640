"""A container, and one training for all tests of what it leaves."""

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from model import contract
from tests.model.containers import prepare, start


@dataclass(frozen=True)
class Training:
    root: Path
    status: int
    output: str
    errors: str


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A job that ran to its end as a process, with two epochs on coloured pictures."""
    root = prepare(tmp_path_factory.mktemp("container"))
    process = start(root, "model.train", "input/data/code", PEDIGREE_DATASET="dataset-1", PEDIGREE_CODE="code-1")
    output, errors = process.communicate(timeout=300)
    return Training(root, process.returncode, output, errors)


@pytest.fixture(scope="session")
def artifact(training: Training) -> Path:
    assert training.status == 0, training.errors
    return training.root / "model"


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> contract.Container:
    """A prepared container that a job in this process finds by the environment."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return contract.Container(prepare(tmp_path))

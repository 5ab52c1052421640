"""The Makefile is one documented vocabulary, and it prepares a fresh machine or says what is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deployments.laptop.prefect_toml import OURS
from deployments.laptop.stack import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def make(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}  # tests may run under make
    return subprocess.run(["make", *words], cwd=folder, env=inherited | environment, capture_output=True, text=True, check=False)


INSTALLING = "Installing what uv.lock names into .venv; with PyTorch it is about 6 GB.\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and what it reads, and no installation."""
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def fake(program: Path, script: str) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_every_target_is_explained_by_make_alone(checkout: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    explained = re.findall(r"^  make ([\w-]+)\t\S", make(checkout).stdout, re.MULTILINE)
    assert explained == phony.group(1).split()


def test_continuous_integration_uses_the_same_words() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make check test"


def test_uv_is_used_where_there_is_one_and_only_when_the_lock_changed(checkout: Path) -> None:
    fake(
        checkout / "bin" / "uv",
        'echo "uv $@"; mkdir -p .venv/bin; printf "#!/bin/sh\\necho python \\$@\\n" > .venv/bin/python; chmod +x .venv/bin/python',
    )
    path = f"{checkout / 'bin'}:/usr/bin:/bin"
    assert make(checkout, "up", PATH=path).stdout == f"{INSTALLING}uv sync --frozen --quiet\npython -m deployments.laptop.up\n"
    assert make(checkout, "up", PATH=path).stdout == "python -m deployments.laptop.up\n"
    later = (checkout / ".venv" / "synced").stat().st_mtime + 10
    os.utime(checkout / "uv.lock", (later, later))
    assert make(checkout, "up", PATH=path).stdout.startswith(f"{INSTALLING}uv sync --frozen --quiet\n")


def test_an_old_python_is_named_with_what_to_do(checkout: Path) -> None:
    fake(checkout / "bin" / "python3", 'if [ "$1" = --version ]; then echo Python 3.9.6; else exit 1; fi')
    for tool in ("make", "sh", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (checkout / "bin" / tool).symlink_to(found)
    answer = make(checkout, "run", PATH=str(checkout / "bin"))
    assert answer.returncode != 0
    assert "'python3' is Python 3.9.6" in answer.stderr
    assert "PYTHON=/path/to/python3.12" in answer.stderr
    assert not (checkout / ".venv").exists()


def test_dataset_and_params_reach_the_run_as_they_were_typed(checkout: Path) -> None:
    fake(checkout / ".venv" / "bin" / "python", 'for word in "$@"; do echo "$word"; done')
    (checkout / ".venv" / "synced").touch()
    given = ("DATASET=my dogs/a.zip", "NAME=dogs", """PARAMS={"training": {"architecture": "it's"}}""")
    words = make(checkout, "run", *given).stdout.splitlines()
    assert words[2:] == ["--dataset", "my dogs/a.zip", "--name", "dogs", "--params", """{"training": {"architecture": "it's"}}"""]


def test_the_name_of_a_windows_computer_in_the_environment_names_no_endpoint(checkout: Path) -> None:
    fake(checkout / ".venv" / "bin" / "python", 'for word in "$@"; do echo "$word"; done')
    (checkout / ".venv" / "synced").touch()
    assert make(checkout, "run", NAME="DESKTOP-1").stdout.splitlines()[2:] == ["--dataset", "", "--name", "", "--params", ""]


@pytest.mark.parametrize(("target", "begins"), [("test", ["-m", "tests"]), ("quick", ["-m", "pytest", "-m", "quick"])])
def test_pytest_is_given_what_args_says(target: str, begins: list[str], checkout: Path) -> None:
    fake(checkout / ".venv" / "bin" / "python", 'for word in "$@"; do echo "$word"; done')
    (checkout / ".venv" / "synced").touch()
    assert make(checkout, target, "ARGS=tests/flows -k 'one or two'").stdout.splitlines() == [*begins, "tests/flows", "-k", "one or two"]
    assert make(checkout, target).stdout.splitlines() == begins


def test_the_account_to_work_in_reaches_the_commands(checkout: Path) -> None:
    fake(checkout / ".venv" / "bin" / "python", 'for word in "$@"; do echo "$word"; done')
    (checkout / ".venv" / "synced").touch()
    words = make(checkout, "bootstrap", "PROFILE=my admin", "REGION=eu-west-1").stdout.splitlines()
    assert words == ["-m", "deployments.bootstrap", "--profile", "my admin", "--region", "eu-west-1", "--project", "pedigree"]
    words = make(checkout, "preflight", "PROJECT=pets", """PARAMS={"training": {}}""").stdout.splitlines()
    assert words[2:] == ["--profile", "", "--region", "", "--project", "pets", "--params", """{"training": {}}"""]


def test_down_needs_no_installation(checkout: Path) -> None:
    assert make(checkout, "down").returncode == 0
    assert not (checkout / ".venv").exists()


def test_clean_leaves_neither_state_nor_installation(checkout: Path) -> None:
    (checkout / ".pedigree").mkdir()
    fake(checkout / ".venv" / "bin" / "python", "echo down")
    assert make(checkout, "clean").stdout == "down\n"
    assert not (checkout / ".pedigree").exists()
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(("first_line", "left"), [(OURS, False), ("# my own server\n", True)])
def test_clean_removes_the_prefect_toml_that_make_up_wrote(checkout: Path, first_line: str, *, left: bool) -> None:
    (checkout / "prefect.toml").write_text(f"{first_line}[api]\n")
    assert make(checkout, "clean").returncode == 0
    assert (checkout / "prefect.toml").exists() is left

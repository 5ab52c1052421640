"""The image of a flow run holds what flows need and no more; Docker itself is not run here."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deployments.laptop.stack import ROOT

COPIED = re.findall(r"^COPY (.+) \S+$", (ROOT / "deployments" / "Dockerfile").read_text(), re.MULTILINE)
SOURCES = {name for line in COPIED for name in line.split()}
MISSING_THERE = """
import json, sys
from importlib.metadata import packages_distributions

installed = set(json.loads(sys.argv[1]))
rooms = {"deployments", "local_aws", "tests", "benchmarks"}

class NotInTheImage:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        providers = {provider.lower().replace("_", "-").replace(".", "-") for provider in DISTRIBUTIONS.get(top, ())}
        if top in rooms or (providers and not providers & installed):
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

DISTRIBUTIONS = packages_distributions()
sys.meta_path.insert(0, NotInTheImage())
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the Dockerfile copies."""
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def run_in(image: Path, script: str) -> subprocess.CompletedProcess[str]:
    """The script with the modules of the image only: its rooms, and the distributions that its `uv sync` installs."""
    command = [sys.executable, "-c", MISSING_THERE + script, json.dumps(sorted(core_distributions()))]
    environment = {"PYTHONPATH": str(image), "PATH": "/usr/bin:/bin", "PREFECT_HOME": str(image / "prefect")}
    return subprocess.run(command, cwd=image, env=environment, capture_output=True, text=True, check=False)


def core_distributions() -> set[str]:
    """What uv.lock installs without any dependency group."""
    packages = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    seen, waiting = set(), ["pedigree"]
    while waiting:
        name = waiting.pop()
        if name not in seen and name in packages:
            seen.add(name)
            extras = [dependency for group in packages[name].get("optional-dependencies", {}).values() for dependency in group]
            waiting += [dependency["name"] for dependency in [*packages[name].get("dependencies", []), *extras]]
    return seen - {"pedigree"}


@pytest.mark.slow
def test_every_flow_can_be_imported_in_the_image(image: Path) -> None:
    modules = [f"flows.{path.stem}" for path in sorted((ROOT / "flows").glob("[a-z]*.py"))]
    assert "flows.operationalize" in modules
    ended = run_in(image, "".join(f"import {module}\n" for module in modules))
    assert ended.returncode == 0, ended.stderr


def test_what_flows_upload_is_in_the_image(image: Path) -> None:
    script = (
        "from pedigree.training.code import package_files\nfor room in ('model', 'lambda_handler'): print(*package_files(room).values())"
    )
    ended = run_in(image, script)
    assert ended.returncode == 0, ended.stderr
    assert f"{image}/model/train.py" in ended.stdout
    assert f"{image}/lambda_handler/" in ended.stdout


def test_neither_pytorch_nor_the_embedded_aws_is_in_it(image: Path) -> None:
    assert core_distributions().isdisjoint({"torch", "torchvision", "safetensors", "moto", "awslambdaric"})
    assert "torch is not in the image" in run_in(image, "import torch").stderr
    assert "local_aws is not in the image" in run_in(image, "import local_aws").stderr


def test_the_builder_is_given_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == SOURCES

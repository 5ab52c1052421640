"""Rooms import what the table in docs/architecture.md lets them, and nothing else of this project."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "flows": {"flows", "tasks"},
    "tasks": {"tasks"},
    "tasks/aws": {"tasks.aws", "tasks.settings", "tasks.values"},
    "model": {"model"},
    "lambda_handler": {"lambda_handler"},
    "deployments": {"deployments", "tasks"},
    "local_aws": {"local_aws"},
}
ROOMS = ("flows", "tasks", "model", "lambda_handler", "deployments", "local_aws", "tests", "benchmarks")


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{file}: relative import"
            yield node.module


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imports(file)
        if name.split(".")[0] in ROOMS and not any(name == allowed or name.startswith(f"{allowed}.") for allowed in MAY_IMPORT[room])
    ]
    assert wrong == []


def test_flows_do_not_speak_to_aws_themselves() -> None:
    names = {name.split(".")[0] for file in (ROOT / "flows").rglob("*.py") for name in imports(file)}
    assert not names & {"boto3", "botocore", "sagemaker", "torch"}


def test_importing_a_room_starts_nothing() -> None:
    """No module calls a function at its top level, except to build constants."""
    culprits = [
        str(file.relative_to(ROOT))
        for room in MAY_IMPORT
        for file in (ROOT / room).rglob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    assert culprits == []

"""Importing any room starts nothing: no connection, no thread, no registration."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("flows", "tasks", "pedigree", "model", "lambda_handler", "deployments", "local_aws", "examples")


def test_no_module_calls_a_function_at_its_top_level_except_to_build_constants() -> None:
    culprits = [
        str(file.relative_to(ROOT))
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    assert culprits == []

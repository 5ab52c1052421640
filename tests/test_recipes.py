"""A recipe of CONTRIBUTING.md, followed to the letter, passes the tests that it names; with any step left out, that step's test fails."""

import re
from collections.abc import Iterator, Sequence

import pytest

from tests.lab.changed_tree import ROOT, ChangedTree
from tests.lab.recipes import RECIPES, Step

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
STEPS = [(name, number) for name, steps in RECIPES.items() for number in range(len(steps))]
FAILED = 1  # pytest's exit status


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChangedTree]:
    changed = ChangedTree(tmp_path_factory.mktemp("recipes") / "tree")
    yield changed
    changed.close()


@pytest.mark.parametrize("name", RECIPES)
def test_the_page_has_the_steps_that_are_tested(name: str) -> None:
    section = PAGE.partition(f"### {name}\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| .* \| `([\w./-]+)` \| `([\w./]+)`, `(\w+)` \|$", section, re.MULTILINE)
    assert [(file, f"{tests}::{test}") for file, tests, test in rows] == [(step.file, step.test) for step in RECIPES[name]]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_that_is_followed_passes(tree: ChangedTree, name: str) -> None:
    outcome = tree.run(changes(tree, RECIPES[name]), *{step.test for step in RECIPES[name]})
    assert outcome.status == 0, outcome.output


@pytest.mark.parametrize(("name", "left_out"), STEPS)
def test_a_step_that_is_left_out_fails_its_test(tree: ChangedTree, name: str, left_out: int) -> None:
    step = RECIPES[name][left_out]
    outcome = tree.run(changes(tree, RECIPES[name], left_out), step.test)
    assert outcome.status == FAILED, outcome.output
    assert re.search(rf"^(FAILED|ERROR) {re.escape(step.test)}", outcome.output, re.MULTILINE), outcome.output


def changes(tree: ChangedTree, steps: Sequence[Step], left_out: int | None = None) -> dict[str, str]:
    """The content of every file that the steps change; the one that is left out may have something else in its place."""
    changed: dict[str, str] = {}
    for number, step in enumerate(steps):
        edit = step.edit if number != left_out else step.instead
        if edit is not None:
            changed[step.file] = edit(changed.get(step.file, tree.read(step.file)))
    return changed

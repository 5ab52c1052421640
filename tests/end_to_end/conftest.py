"""Each module has a stack of its own, which its tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.laptop import Laptop, running_laptop


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    with running_laptop(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="module")
def shapes(laptop: Laptop) -> Path:
    """The default dataset, which the start of the stack has drawn."""
    return laptop.folder / "shapes"

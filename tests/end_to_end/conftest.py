"""Each module has a stack of its own, which its tests share in the order they are written, and the default dataset drawn anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.shapes import write_shapes
from tests.end_to_end.laptop import Laptop, running_laptop


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    with running_laptop(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "shapes"
    write_shapes(folder)
    return folder

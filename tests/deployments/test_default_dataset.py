"""The default dataset is drawn again when an earlier version of the project drew it."""

from pathlib import Path

import pytest

from deployments.laptop import default_dataset


def write_one_picture(folder: Path) -> None:
    if folder.exists() and not (folder / "current.jpg").exists():
        raise FileExistsError(folder)
    folder.mkdir(exist_ok=True)
    (folder / "current.jpg").touch()


def test_pictures_of_an_earlier_version_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_dataset, "write_shapes", write_one_picture)
    folder = tmp_path / "shapes"
    folder.mkdir()
    (folder / "earlier.jpg").touch()
    default_dataset.main(folder)
    assert [file.name for file in folder.iterdir()] == ["current.jpg"]

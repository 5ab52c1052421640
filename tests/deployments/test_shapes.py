import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deployments import shapes
from deployments.shapes import write_shapes

CLASSES = 8


def test_the_layout_is_a_folder_a_class_in_every_split(tmp_path: Path) -> None:
    write_shapes(tmp_path / "shapes", train=2, valid=1, test=1)
    folders = {split: sorted(path.name for path in (tmp_path / "shapes" / split).iterdir()) for split in ("train", "valid", "test")}
    assert folders["train"][:2] == ["001.Ringed_disc", "002.Striped_triangle"]
    assert folders["train"] == folders["valid"] == folders["test"]
    assert len(list((tmp_path / "shapes/train").glob("*/*.jpg"))) == 2 * CLASSES
    with Image.open(tmp_path / "shapes/train/001.Ringed_disc/001.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (256, 256))


def test_the_seed_decides_every_byte(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        write_shapes(tmp_path / name, seed=seed, train=1, valid=1, test=1)
    assert contents(tmp_path / "one") == contents(tmp_path / "same")
    assert not set(contents(tmp_path / "one").values()) & set(contents(tmp_path / "other").values())


def test_no_picture_is_in_two_places(tmp_path: Path) -> None:
    write_shapes(tmp_path / "shapes", train=3, valid=3, test=3)
    pictures = list(contents(tmp_path / "shapes").values())
    assert len(pictures) == len(set(pictures)) == 9 * CLASSES


def test_a_complete_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "shapes"
    write_shapes(folder, train=1, valid=1, test=1)
    before = [path.stat().st_mtime_ns for path in sorted(folder.rglob("*.jpg"))]
    write_shapes(folder, train=1, valid=1, test=1)
    assert [path.stat().st_mtime_ns for path in sorted(folder.rglob("*.jpg"))] == before


@pytest.mark.parametrize("change", [{"train": 2}, {"seed": 3}])
def test_a_folder_of_other_pictures_is_refused(tmp_path: Path, change: dict[str, int]) -> None:
    write_shapes(tmp_path / "shapes", train=1, valid=1, test=1)
    with pytest.raises(FileExistsError, match="remove it or name another folder"):
        write_shapes(tmp_path / "shapes", **{"seed": 2026, "train": 1, "valid": 1, "test": 1, **change})


def test_a_write_that_was_cut_off_leaves_no_folder_and_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shapes"
    with monkeypatch.context() as patch:
        patch.setattr(shapes, "jpeg_of", cut_off)
        with pytest.raises(InterruptedError):
            write_shapes(folder, train=1, valid=1, test=1)
    assert not folder.exists()
    write_shapes(folder, train=1, valid=1, test=1)
    assert [path.name for path in tmp_path.iterdir()] == ["shapes"]


def test_the_mean_colour_tells_nothing() -> None:
    train, test = mean_colours("train", 40), mean_colours("test", 20)
    weights, *_ = np.linalg.lstsq(train, np.repeat(np.eye(CLASSES), 40, axis=0), rcond=None)
    accuracy = ((test @ weights).argmax(1) == np.repeat(np.arange(CLASSES), 20)).mean()
    assert accuracy < 2 / CLASSES


def cut_off(path: Path, seed: int) -> bytes:
    if path.parts[0] == "test":
        raise InterruptedError
    return b"half a dataset"


def mean_colours(split: str, count: int) -> NDArray[np.float64]:
    """A row of features for each picture: mean red, green and blue, their squares and products, and 1."""
    paths = list(shapes.image_paths({"train": 0, "valid": 0, "test": 0, split: count}))
    colours = np.array([np.asarray(Image.open(io.BytesIO(shapes.jpeg_of(path, 2026)))).mean((0, 1)) / 255 for path in paths])
    products = np.stack([colours[:, i] * colours[:, j] for i in range(3) for j in range(i, 3)], axis=1)
    return np.hstack([colours, products, np.ones((len(paths), 1))])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.jpg")}

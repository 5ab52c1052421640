"""A dataset on its way to S3: where it comes from, what is wrong with it, how it is packed."""

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pedigree.aws.errors import InvalidInput
from pedigree.dataset import shards
from pedigree.dataset.listing import list_images
from pedigree.dataset.problems import require_valid
from pedigree.dataset.shards import plan_shards, write_shard
from pedigree.dataset.source import local_folder


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two classes, two train images and one valid and test image each, all different."""
    root = tmp_path / "data"
    for number, name in enumerate(f"{split}/{label}/{file}.jpg" for split, files in SIZES.items() for label in "ab" for file in files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (number * 20, 0, 0)).save(path)
    return root


NO_S3: Any = None  # what is on this machine needs no client
SIZES = {"train": "12", "valid": "3", "test": "4"}


def problems(root: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        require_valid("here", list_images(root))
    return str(caught.value)


def test_a_good_dataset_is_listed(dataset: Path) -> None:
    listing = list_images(dataset)
    require_valid("here", listing)
    assert (listing.classes, listing.counts, listing.warnings) == (("a", "b"), {"train": 4, "valid": 2, "test": 2}, ())


def test_the_key_is_the_content_and_not_the_packing(dataset: Path, tmp_path: Path) -> None:
    key = list_images(dataset).key
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path in sorted(dataset.rglob("*.jpg"), reverse=True):
            archive.write(path, f"packed/{path.relative_to(dataset)}")
    with tarfile.open(tmp_path / "packed.tar.gz", "w:gz") as archive:
        archive.add(dataset, ".")
    for name in ("packed.zip", "packed.tar.gz"):
        assert list_images(local_folder(str(tmp_path / name), tmp_path / "scratch" / name, s3=NO_S3)).key == key
    (dataset / "train/a/1.jpg").write_bytes((dataset / "train/a/2.jpg").read_bytes())
    assert list_images(dataset).key != key


def remove_split(root: Path) -> str:
    for path in (root / "valid").rglob("*.jpg"):
        path.unlink()
    return "valid/ is missing or holds no image"


def add_strange_class(root: Path) -> str:
    (root / "test/a").rename(root / "test/c")
    return "test/c is not a class of train/"


def truncate(root: Path) -> str:
    Image.effect_noise((200, 200), 50).save(root / "train/a/1.jpg")
    content = (root / "train/a/1.jpg").read_bytes()
    (root / "train/a/1.jpg").write_bytes(content[: len(content) // 2])
    return "train/a/1.jpg cannot be read: image file is truncated"


def write_text(root: Path) -> str:
    (root / "test/b/4.jpg").write_text("no picture")
    return "test/b/4.jpg cannot be read: it is not a JPEG or PNG file"


def disguise_a_gif(root: Path) -> str:
    Image.new("RGB", (20, 20)).save(root / "test/b/5.jpg", "GIF")
    return "test/b/5.jpg cannot be read: it is not a JPEG or PNG file"


def damage_a_png(root: Path) -> str:
    Image.effect_noise((500, 500), 50).save(root / "train/b/6.png")
    first, second, *rest = (root / "train/b/6.png").read_bytes().split(b"IDAT")
    (root / "train/b/6.png").write_bytes(b"IDAT".join([first, second + b"!@#$" + b"IDAT".join(rest)]))
    return "train/b/6.png cannot be read: broken PNG file"


def add_a_huge_one(root: Path) -> str:
    Image.new("1", (10_000, 6_000)).save(root / "valid/a/7.png")
    return "valid/a/7.png cannot be read: it has 10000 x 6000 pixels, and the limit is 50,000,000"


@pytest.mark.parametrize("spoil", [remove_split, add_strange_class, truncate, write_text, disguise_a_gif, damage_a_png, add_a_huge_one])
def test_what_is_wrong_is_said(dataset: Path, spoil: Callable[[Path], str]) -> None:
    assert spoil(dataset) in problems(dataset)


def test_all_that_is_wrong_is_said_at_once(dataset: Path) -> None:
    expected = [add_strange_class(dataset), truncate(dataset)]
    assert all(problem in problems(dataset) for problem in expected)


def test_leaks_and_other_files_are_warned_about(dataset: Path) -> None:
    (dataset / "test/a/leak.jpg").write_bytes((dataset / "train/a/1.jpg").read_bytes())
    (dataset / "train/notes.txt").write_text("x")
    ignored, leaked = list_images(dataset).warnings
    assert "train/notes.txt" in ignored
    assert "test/a/leak.jpg" in leaked


@pytest.mark.parametrize(
    ("uri", "cause"),
    [
        ("/no/such/folder", "no such file or folder"),
        ("ftp://host/x.zip", "ftp:// is not supported"),
        ("https://host/x.rar", "not a supported archive"),
    ],
)
def test_a_wrong_address_is_refused(uri: str, cause: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=cause):
        local_folder(uri, tmp_path, s3=NO_S3)


def test_a_broken_archive_and_one_without_splits_are_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    for name, cause in (("broken.zip", "cannot be unpacked"), ("empty.zip", "no folder train/")):
        with pytest.raises(InvalidInput, match=cause):
            local_folder(str(tmp_path / name), tmp_path / "scratch", s3=NO_S3)


def test_a_zip_cannot_write_outside_its_folder(dataset: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../../evil.txt", "x")
        archive.write(dataset / "train/a/1.jpg", "train/a/1.jpg")
    scratch = tmp_path / "one" / "two"
    assert local_folder(str(tmp_path / "evil.zip"), scratch, s3=NO_S3).is_relative_to(scratch)
    assert [path for path in tmp_path.rglob("evil.txt") if not path.is_relative_to(scratch)] == []


def test_shards_are_equal_for_equal_images_and_bounded(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 1000)
    plan = dict(plan_shards(list_images(dataset).images))
    assert [name.split("/")[0] for name in plan].count("train") > 1
    assert sum(map(len, plan.values())) == 8
    _, images = next(iter(plan.items()))
    write_shard(images, tmp_path / "one.tar")
    images[0].path.touch()
    write_shard(images, tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as archive:
        assert archive.getnames() == [image.name for image in images]

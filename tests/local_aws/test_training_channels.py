"""Where an object of a channel lands, and which host gets it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from local_aws.training.channels import Channel, download_prefix, relative


class Prefixes:
    """The two S3 calls a download makes, over a dict of key -> body."""

    def __init__(self, objects: dict[str, str]) -> None:
        self._objects = objects

    def get_paginator(self, operation: str) -> "Prefixes":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{"Contents": [{"Key": key}]} for key in self._objects if key.startswith(Prefix)] or [{}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, "Body"]:  # noqa: N803
        return {"Body": Body(self._objects[Key])}


class Body:
    def __init__(self, text: str) -> None:
        self._text = text

    def iter_chunks(self, size: int) -> list[bytes]:
        return [self._text.encode()]


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("data/train/", "data/train/a/b.jpg", "a/b.jpg"),
        ("data/train", "data/train/a/b.jpg", "a/b.jpg"),
        ("data/train/a.jpg", "data/train/a.jpg", "a.jpg"),
        ("data/tr", "data/train/a.jpg", "train/a.jpg"),
        ("", "data/a.jpg", "data/a.jpg"),
    ],
)
def test_paths_are_relative_to_the_folder_of_the_prefix(prefix: str, key: str, path: str) -> None:
    assert relative(key, prefix) == path


def test_every_object_is_downloaded_and_folder_markers_are_not(tmp_path: Path) -> None:
    s3 = Prefixes({"data/": "", "data/a/": "", "data/a/1": "one", "data/2": "two", "other/3": "three"})
    assert download_prefix(s3, "s3://bucket/data/", tmp_path, threading.Event()) == ["2", "a/1"]
    assert ((tmp_path / "2").read_text(), (tmp_path / "a" / "1").read_text()) == ("two", "one")


def test_a_cancelled_download_fetches_nothing(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    download_prefix(Prefixes({"data/1": "one"}), "s3://bucket/data/", tmp_path, cancelled)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("sharded", "files"), [(False, ["a", "b", "c"]), (True, ["b"])])
def test_a_sharded_channel_gives_each_host_its_part(tmp_path: Path, sharded: bool, files: list[str]) -> None:  # noqa: FBT001
    folder = tmp_path / "channel"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    Channel("train", folder, ("a", "b", "c"), sharded).link(tmp_path / "host", rank=1, hosts=2)
    assert sorted(file.name for file in (tmp_path / "host").iterdir()) == files

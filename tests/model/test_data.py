from pathlib import Path

import pytest
import torch

from model import data
from model.data import ImageSet, class_names, read_index
from tests.model.containers import coloured, encoded, write_shard

PICTURES = coloured(2, seed=0)


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    write_shard(tmp_path / "001.tar", PICTURES[3:])
    write_shard(tmp_path / "000.tar", PICTURES[:3])
    return tmp_path


def test_pictures_come_in_the_order_of_their_shards_with_their_own_bytes(channel: Path) -> None:
    assert [(picture.file, picture.read()) for picture in read_index(channel)] == PICTURES


def test_classes_are_the_sorted_folders(channel: Path) -> None:
    assert class_names(read_index(channel)) == ["blue", "green", "red"]


def test_labels_follow_the_classes(channel: Path) -> None:
    images = ImageSet(read_index(channel), ["blue", "green", "red"], 16)
    assert images.labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_pictures_too_many_to_keep_are_decoded_to_the_same_pixels(channel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    positions = torch.tensor([4, 0, 2])
    kept = ImageSet(read_index(channel), ["blue", "green", "red"], 16).batch(positions)
    monkeypatch.setattr(data, "CACHE_BYTES", 0)
    decoded = ImageSet(read_index(channel), ["blue", "green", "red"], 16).batch(positions)
    assert kept.shape == (3, 3, 16, 16)
    assert torch.equal(kept, decoded)


def test_a_channel_without_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no image"):
        read_index(tmp_path)


def test_a_picture_outside_a_class_folder_is_refused(tmp_path: Path) -> None:
    write_shard(tmp_path / "000.tar", [("stray.jpg", encoded((0, 0, 0)))])
    with pytest.raises(ValueError, match=r"stray\.jpg: images must be named <class>/<file>"):
        read_index(tmp_path)


def test_a_class_that_train_lacks_is_refused(channel: Path) -> None:
    with pytest.raises(ValueError, match="classes that the train split does not have: red"):
        ImageSet(read_index(channel), ["blue", "green"], 16)


def test_a_bad_picture_is_named(tmp_path: Path) -> None:
    write_shard(tmp_path / "000.tar", [("red/broken.jpg", b"no picture")])
    with pytest.raises(ValueError, match=r"000\.tar holds a bad image red/broken\.jpg: this is not a JPEG or PNG"):
        ImageSet(read_index(tmp_path), ["red"], 16)

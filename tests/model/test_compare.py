import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from model import compare
from model.contract import Container
from model.data import read_index
from model.inference import model_fn, open_body, predict
from tests.model.containers import COLOURS, add, coloured, encoded, prepare, start, write_shard


def pack(artifact: Path, channel: Path) -> Path:
    channel.mkdir(parents=True)
    with tarfile.open(channel / "model.tar.gz", "w:gz") as archive:
        archive.add(artifact, ".")
    return channel / "model.tar.gz"


def with_card(artifact: Path, folder: Path, **changes: object) -> Path:
    """A copy of an artifact whose card says something else."""
    shutil.copytree(artifact, folder)
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(card | changes))
    return folder


def run(root: Path) -> tuple[int, str]:
    process = start(root, "model.compare", "input/data/code")
    output, errors = process.communicate(timeout=120)
    return process.returncode, output or errors


def written(root: Path) -> list[dict[str, str]]:
    images: list[dict[str, str]] = json.loads((root / "output/data/comparison.json").read_text())["images"]
    return images


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A container with code and seven test pictures of three colours; no model yet."""
    return prepare(tmp_path / "container")


def test_every_picture_is_answered_by_both_in_names_of_their_own(root: Path, artifact: Path, tmp_path: Path) -> None:
    pack(artifact, root / "input/data/candidate")
    pack(with_card(artifact, tmp_path / "other", classes=["blue", "green", "violet"]), root / "input/data/champion")
    status, output = run(root)
    assert status == 0, output
    images = written(root)
    assert [image["file"] for image in images] == [picture.file for picture in read_index(root / "input/data/test")]
    assert [image["label"] for image in images] == [image["file"].split("/")[0] for image in images]
    assert [image["champion"] for image in images] == [image["candidate"].replace("red", "violet") for image in images]
    right = {name: sum(image[name] == image["label"] for image in images) / 7 for name in ("candidate", "champion")}
    assert output == f"candidate:accuracy={right['candidate']:.4f} champion:accuracy={right['champion']:.4f}\n"
    assert right["candidate"] > right["champion"] > 0


def test_each_model_sees_the_pictures_as_its_own_card_says(root: Path, artifact: Path, tmp_path: Path) -> None:
    other = with_card(artifact, tmp_path / "other", image_size=16, mean=[0.7, 0.2, 0.2], std=[0.1, 0.9, 0.4])
    pack(artifact, root / "input/data/champion")
    pack(other, root / "input/data/candidate")
    assert run(root)[0] == 0
    pictures = read_index(root / "input/data/test")
    for name, folder in {"candidate": other, "champion": artifact}.items():
        classifier = model_fn(str(folder))
        served = [predict(open_body(picture.read()), classifier) for picture in pictures]
        assert [image[name] for image in written(root)] == [answer.classes[int(answer.logits.argmax())] for answer in served]
    assert any(image["candidate"] != image["champion"] for image in written(root))


def test_a_picture_whose_class_neither_model_knows_is_wrong_for_both(root: Path, artifact: Path) -> None:
    shutil.rmtree(root / "input/data/test")
    write_shard(root / "input/data/test/000.tar", [*coloured(1, seed=0), ("violet/00.jpg", encoded((150, 50, 200)))])
    for name in ("candidate", "champion"):
        pack(artifact, root / "input/data" / name)
    status, output = run(root)
    assert status == 0, output
    assert [image["label"] for image in written(root)] == [*COLOURS, "violet"]
    assert {written(root)[-1]["candidate"], written(root)[-1]["champion"]} <= set(COLOURS)


def no_archive(archive: Path) -> None:
    archive.write_bytes(b"no archive")


def cut_off(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:2000])


def half_a_card(archive: Path) -> None:
    with tarfile.open(archive, "w:gz") as file:
        add(file, "model.json", b'{"architecture": "small_cnn"')


def reaching_out(archive: Path) -> None:
    with tarfile.open(archive, "w:gz") as file:
        add(file, "../escaped", b"")


def broken_weights(archive: Path) -> None:
    with tarfile.open(archive) as file:
        card = file.extractfile("./model.json")
        assert card is not None
        content = card.read()
    with tarfile.open(archive, "w:gz") as file:
        add(file, "model.json", content)
        add(file, "model.safetensors", b"no weights")


@pytest.mark.parametrize("spoil", [Path.unlink, no_archive, cut_off, half_a_card, reaching_out, broken_weights])
def test_a_broken_artifact_fails_the_job_and_names_the_model(spoil: Callable[[Path], None], container: Container, artifact: Path) -> None:
    pack(artifact, container.channel("candidate"))
    archive = pack(artifact, container.channel("champion"))
    spoil(archive)
    with pytest.raises(ValueError, match="cannot be used as the champion"):
        compare.main()
    assert container.failure.read_text().startswith(f"ValueError: {archive} cannot be used as the champion: ")
    assert not container.output_data.exists()

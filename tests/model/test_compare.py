import json
import shutil
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from model import compare
from model.contract import Container
from model.data import read_index
from model.inference import model_fn, open_body, predict
from tests.model.containers import COLOURS, add, encoded, prepare, start, write_shard


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
    images: list[dict[str, str]] = findings(root)["images"]
    return images


def findings(root: Path, name: str = "comparison") -> Any:
    return json.loads((root / f"output/data/{name}.json").read_text())


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
    assert findings(root)["classes"] == {"candidate": list(COLOURS), "champion": ["blue", "green", "violet"]}
    digests = {name: sha256((root / f"input/data/{name}/model.tar.gz").read_bytes()).hexdigest() for name in ("candidate", "champion")}
    assert findings(root)["sha256"] == digests


def test_without_a_champion_the_candidate_is_evaluated_alone(root: Path, artifact: Path) -> None:
    pack(artifact, root / "input/data/candidate")
    status, output = run(root)
    assert status == 0, output
    images, evaluation = written(root), findings(root, "evaluation")
    assert [image.keys() for image in images] == [{"file", "label", "candidate"}] * 7
    assert (evaluation["classes"], findings(root)["classes"]) == (list(COLOURS), {"candidate": list(COLOURS)})
    right = sum(image["candidate"] == image["label"] for image in images)
    assert output == f"candidate:accuracy={right / 7:.4f}\n"
    assert sum(row[number] for number, row in enumerate(evaluation["confusion"])) == right
    assert all((root / "output/data" / sample["image"]).is_file() for sample in evaluation["samples"])


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


def test_a_picture_whose_class_the_candidate_does_not_know_fails_the_job(root: Path, artifact: Path) -> None:
    write_shard(root / "input/data/test/002.tar", [("violet/00.jpg", encoded((150, 50, 200)))])
    pack(artifact, root / "input/data/candidate")
    status, output = run(root)
    assert status != 0
    assert "the candidate does not know the class of each test image: violet" in output
    assert not (root / "output/data").exists()


def test_a_champion_is_asked_about_classes_that_it_does_not_know(root: Path, artifact: Path, tmp_path: Path) -> None:
    pack(artifact, root / "input/data/candidate")
    pack(with_card(artifact, tmp_path / "other", classes=["blue", "green", "violet"]), root / "input/data/champion")
    status, output = run(root)
    assert status == 0, output
    assert {image["champion"] for image in written(root) if image["label"] == "red"} <= {"blue", "green", "violet"}


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

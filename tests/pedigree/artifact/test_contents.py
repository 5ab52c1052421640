"""A model artifact as a stranger may have packed it: every part that is not as it must be is named."""

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest

from pedigree.artifact.contents import read_checked
from pedigree.aws.archives import BadArchive
from tests.lab.small_models import CLASSES, FIRST, archive, weights

ANSWERS = [{"file": f"{number}.jpg", "label": CLASSES[0], "logits": list(FIRST)} for number in range(2)]


def read(files: Mapping[str, bytes]) -> Any:
    return read_checked(io.BytesIO(archive("", FIRST, files)))


def card(**changes: Any) -> dict[str, bytes]:
    return {"model.json": json.dumps({"classes": CLASSES, "golden_tolerance": 0.05, **changes}).encode()}


def answers(*rows: Any) -> dict[str, bytes]:
    return {"golden/golden.json": json.dumps(rows).encode()}


def header(tensors: Any, data: bytes = b"") -> dict[str, bytes]:
    written = json.dumps(tensors).encode()
    return {"model.safetensors": len(written).to_bytes(8, "little") + written + data}


def test_what_a_training_packs_is_read() -> None:
    golden = read({"code/model/train.py": b"", "code/requirements.txt": b""})
    assert (golden.classes, golden.tolerance, [image.logits for image in golden.images]) == (list(CLASSES), 1e-3, [list(FIRST)] * 2)


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        (card(golden_tolerance=1e9), r"model\.json .* at golden_tolerance: .* less than or equal to 0\.1"),
        (card(golden_tolerance=0), "greater than 0"),
        (card(golden_tolerance=float("nan")), "finite"),
        (card(classes=["a", "a"]), "names a class twice"),
        (card(classes=2), r"model\.json cannot be read at classes: .* valid array"),
        (card(classes=[*CLASSES, "more"]), "names 3 classes, but no tensor"),
        ({"model.json": b"[" * 100_000}, r"model\.json cannot be read"),
        ({"model.json": b" " * (2**20 + 1)}, r"'model\.json' in it has 1,048,577 bytes, more than the 1,048,576"),
        (answers(ANSWERS[0]), "does not name each picture in golden/ once"),
        (answers(*ANSWERS, ANSWERS[0]), "does not name each picture in golden/ once"),
        (answers(ANSWERS[0], {**ANSWERS[1], "logits": None}), r"golden\.json cannot be read at 1\.logits"),
        (answers(ANSWERS[0], {**ANSWERS[1], "logits": [1.0]}), r"1\.jpg has 1 logits for 2 classes"),
        (answers(ANSWERS[0], {**ANSWERS[1], "label": "003.Spots"}), "labelled '003.Spots', which is no class"),
        (header([]), "header of model.safetensors cannot be read"),
        (header({}), "no tensor of the weights has 2 rows"),
        (header({"a": {"shape": [2], "data_offsets": []}}), "header of model.safetensors cannot be read at a"),
        (header({"a": {"shape": 2, "data_offsets": [0, 8]}}, bytes(8)), "header of model.safetensors cannot be read at a"),
        ({"model.safetensors": b"short"}, "too few for a header"),
        ({"model.safetensors": b"\xff" * 16}, "announce a header"),
        ({"model.safetensors": weights(2) + b"more"}, "but its header says"),
        ({"../escaped": b""}, "'../escaped', which does not belong there"),
        ({"/etc/passwd": b""}, "'/etc/passwd', which does not belong there"),
        ({"code/../model.json": b""}, "does not belong there"),
        ({"code/model/__pycache__/train.pyc": b""}, "does not belong there"),
        ({"more.bin": b""}, r"it holds 'more\.bin', which does not belong there"),
        ({"./model.json": card()["model.json"]}, r"it holds 'model\.json' twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "files",
)
def test_what_is_not_as_it_must_be_is_named(files: Mapping[str, bytes], cause: str) -> None:
    with pytest.raises(BadArchive, match=cause):
        read(files)


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "golden/golden.json"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(BadArchive, match=f"there is no {name} in it"):
        read_checked(repacked(lambda entry: None if entry.name == name else entry))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_a_member_is_a_regular_file(kind: bytes) -> None:
    def change(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        if entry.name == "code/inference.py":
            entry.type, entry.size, entry.linkname = kind, 0, "/etc/passwd"
        return entry

    with pytest.raises(BadArchive, match=r"'code/inference\.py' in it is no regular file"):
        read_checked(repacked(change))


def repacked(change: Any) -> io.BytesIO:
    """The archive with changed headers; a member without one is left out."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive("", FIRST, {}))) as old, tarfile.open(fileobj=packed, mode="w:gz") as new:
        for entry in old.getmembers():
            content = old.extractfile(entry)
            if changed := change(entry):
                new.addfile(changed, content)
    packed.seek(0)
    return packed

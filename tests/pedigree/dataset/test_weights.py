"""The weights to start from, on this machine: what is taken, and what is refused before anything is paid."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pedigree.aws.errors import InvalidInput
from pedigree.dataset import weights as module
from pedigree.dataset.weights import why_unusable
from pedigree.values import Account

ACCOUNT = Account("block", "dogs", "us-east-1", "bucket", "arn", "arn", "arn", "arn")
STATE = {"0.weight": torch.zeros(4, 3), "0.bias": torch.zeros(4)}


def save_legacy(saved: object, file: Path) -> None:
    torch.save(saved, file, _use_new_zipfile_serialization=False)


def save_tensors(_: object, file: Path) -> None:
    save_file(STATE, file)


def write(content: bytes) -> Callable[[object, Path], None]:
    def save(_: object, file: Path) -> None:
        file.write_bytes(content)

    return save


def cut(save: Callable[[object, Path], None], left: float) -> Callable[[object, Path], None]:
    """As a download that broke off leaves it."""

    def save_a_part(saved: object, file: Path) -> None:
        save(saved, file)
        file.write_bytes(file.read_bytes()[: int(file.stat().st_size * left)])

    return save_a_part


def script(saved: object, file: Path) -> None:
    assert isinstance(saved, torch.nn.Module)
    torch.jit.script(saved).save(str(file))


@pytest.mark.parametrize("saved", [STATE, torch.nn.Linear(3, 4).state_dict(), {"0.weight": torch.nn.Parameter(torch.zeros(2))}])
@pytest.mark.parametrize("save", [torch.save, save_legacy])
def test_a_state_dict_is_taken(tmp_path: Path, saved: object, save: Callable[[object, Path], None]) -> None:
    save(saved, tmp_path / "w.pth")
    assert why_unusable(tmp_path / "w.pth") is None


def test_a_state_dict_without_pickle_is_taken(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "w.safetensors")
    assert why_unusable(tmp_path / "w.safetensors") is None


@pytest.mark.parametrize(
    ("name", "saved", "save", "cause"),
    [
        ("w.pth", torch.nn.Linear(3, 4), torch.save, "it holds torch.nn.modules.linear.Linear beside tensors"),
        ("w.pth", torch.nn.Linear(3, 4), save_legacy, "it holds torch.nn.modules.linear.Linear beside tensors"),
        ("w.pt", torch.nn.Linear(3, 4), script, "it is a TorchScript program"),
        ("w.pth", STATE, cut(torch.save, 0.9), "no file of torch.save begins or ends like this"),
        ("w.pth", STATE, cut(save_legacy, 0.3), "its pickle is damaged"),
        ("w.safetensors", STATE, cut(save_tensors, 0.9), "but its header says"),
        ("w.pth", None, write(b"<!DOCTYPE html>"), "no file of torch.save begins or ends like this"),
        ("w.pth", None, write(b""), "no file of torch.save begins or ends like this"),
        ("w.safetensors", None, write(b"<html>"), "too few for a header"),
        ("resnet18-f37072fd.pth", STATE, torch.save, "does not begin with f37072fd as its name says"),
    ],
)
def test_what_no_training_could_begin_with_is_refused(
    tmp_path: Path, name: str, saved: object, save: Callable[[object, Path], None], cause: str
) -> None:
    save(saved, tmp_path / name)
    assert cause in str(why_unusable(tmp_path / name))


def test_a_folder_and_a_file_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.pth").mkdir()
    assert why_unusable(tmp_path / "folder.pth") == "it is a folder"
    (tmp_path / "w.pth").write_bytes(b"1")
    monkeypatch.setattr(module, "MOST_GB", 0)
    assert why_unusable(tmp_path / "w.pth") == "it is larger than 0 GB"


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("resnet50.onnx", "give a state dict as torchvision publishes it, one file that ends in .pth, .pt, .safetensors"),
        ("https://example.org/weights/", "one file that ends in .pth"),
        ("s3://bucket/weights/", "one file that ends in .pth"),
        ("ftp://example.org/w.pth", "ftp:// is not supported"),
        ("/no/such/w.pth", "there is no such file"),
    ],
)
def test_an_address_of_nothing_or_of_something_else_is_refused(
    tmp_path: Path, source: str, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "client", lambda *_: None)
    with pytest.raises(InvalidInput, match=rf"(?s)training\.weights: .*{cause}"):
        module.read_weights(ACCOUNT, source, tmp_path)

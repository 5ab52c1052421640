"""Weights to start from: which files a training takes, and how it says what does not fit."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from model.contract import Container
from model.weights import WeightsUnfit, load_weights


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 10))


def save_legacy(state: dict[str, torch.Tensor], file: Path) -> None:
    torch.save(state, file, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("name", "save"),
    [("w.pth", torch.save), ("w.pth", save_legacy), ("w.safetensors", save_file)],
    ids=["zip", "before 1.6", "safetensors"],
)
def test_a_state_dict_is_loaded(tmp_path: Path, name: str, save: Callable[[dict[str, torch.Tensor], Path], None]) -> None:
    given, started = network(), network()
    state = {key: tensor for key, tensor in given.state_dict().items() if key != "1.num_batches_tracked"}  # as in older files
    save(state, tmp_path / name)
    load_weights(started, "tiny", tmp_path / name)
    assert all(torch.equal(tensor, started.state_dict()[key]) for key, tensor in state.items())


class Harmful:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.file),)


def test_what_does_not_fit_is_told_in_one_line(tmp_path: Path) -> None:
    wider = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Flatten())
    harm = tmp_path / "harm"
    cases: list[tuple[object, str]] = [
        (wider.state_dict(), r"w.pth does not fit tiny: 0.weight is \(5, 3, 3, 3\), wanted \(4, 3, 3, 3\), .*, and 5 more$"),
        ({**network().state_dict(), "9.bias": torch.zeros(1)}, r"w.pth does not fit tiny: 9.bias is unknown$"),
        (
            {"epoch": 3, "state_dict": network().state_dict()},
            "holds a dict with epoch, state_dict and no state dict: save network.state_dict",
        ),
        ([torch.zeros(1)], "holds a list and no state dict"),
        ({"0.weight": Harmful(harm)}, "w.pth cannot be read as a state dict: "),
    ]
    for saved, told in cases:
        torch.save(saved, tmp_path / "w.pth")
        with pytest.raises(WeightsUnfit, match=told) as error:
            load_weights(network(), "tiny", tmp_path / "w.pth")
        assert "\n" not in str(error.value)
    assert not harm.exists(), "no code of the file is run"


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_damaged_file_is_told_too(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(WeightsUnfit, match="cannot be read as a state dict"):
        load_weights(network(), "tiny", tmp_path / name)


def test_a_job_without_the_channel_has_no_weights(tmp_path: Path) -> None:
    container = Container(tmp_path)
    assert container.weights() is None
    container.channel("weights").mkdir(parents=True)
    (container.channel("weights") / "w.pth").touch()
    assert container.weights() == container.channel("weights") / "w.pth"

"""The weights to start from, out of the channel `weights`: one file, the state dict as torchvision publishes it."""

import pickle
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

SHOWN = 3  # misfits that are told one by one
OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")  # the published files have names of before torchvision 0.3
COUNTER = "num_batches_tracked"  # of a batch norm; older files have none, and it decides nothing here


class WeightsUnfit(ValueError):
    """The file in the channel `weights` is no state dict of the architecture."""


def load_weights(network: nn.Module, architecture: str, file: Path) -> None:
    """Load the file into the network as torchvision builds it, with its 1,000 classes; WeightsUnfit says what does not fit."""
    state = read_state(file)
    for name in [name for name in state if OLD_DENSENET.search(name)]:
        state[OLD_DENSENET.sub(r"\1\2", name)] = state.pop(name)
    if wrong := list(misfits(network.state_dict(), state)):
        more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise WeightsUnfit(f"{file.name} does not fit {architecture}: {', '.join(wrong[:SHOWN])}{more}")
    network.load_state_dict(state)


def read_state(file: Path) -> dict[str, Any]:
    """{name: tensor} of the file; no code in it is run."""
    try:
        state: Any = load_file(file) if file.suffix == ".safetensors" else torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise WeightsUnfit(f"{file.name} cannot be read as a state dict: {str(error).strip().splitlines()[0]}") from error
    if not isinstance(state, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
        held = f"a dict with {', '.join(map(str, list(state)[:SHOWN]))}" if isinstance(state, dict) else f"a {type(state).__name__}"
        raise WeightsUnfit(f"{file.name} holds {held} and no state dict: save network.state_dict() alone")
    return state


def misfits(wanted: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> Iterator[str]:
    """Tell each tensor that is missing, of another shape or unknown, in a phrase."""
    for name, tensor in wanted.items():
        if name not in given:
            if not name.endswith(COUNTER):
                yield f"{name} is missing"
        elif given[name].shape != tensor.shape:
            yield f"{name} is {tuple(given[name].shape)}, wanted {tuple(tensor.shape)}"
    yield from (f"{name} is unknown" for name in given if name not in wanted)

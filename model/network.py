"""Networks by name: a small network, which trains from scratch in a minute on a laptop, and every classifier of torchvision."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.error import URLError

import torch
from torch import nn

from model.weights import load_weights


class WeightsUnreachable(ConnectionError):
    """The pretrained weights lie on a server that the job does not reach."""


def build_network(architecture: str, classes: int, *, pretrained: bool = False, weights: Path | None = None) -> nn.Module:
    """Build a network from `(n, 3, size, size)` to logits `(n, classes)`; ValueError for an unknown architecture.

    `pretrained` downloads the ImageNet weights, unless they are in the file `weights`.
    """
    if architecture in OWN:
        if pretrained or weights:
            raise ValueError(f"{architecture} has no pretrained weights: set pretrained to false or choose an architecture of torchvision")
        network = OWN[architecture](classes)
    else:
        network = torchvision_network(architecture, pretrained=pretrained, weights=weights)
        replace_head(network, classes)
    return network.to(memory_format=torch.channels_last)  # convolutions are faster in this format, on CPU and GPU


def small_cnn(classes: int, widths: Sequence[int] = (24, 48, 96, 192)) -> nn.Module:
    """Convolution blocks that halve the side and add channels, then a global max pooling and a linear layer."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip((3, *widths), widths, strict=False):
        # pooling first: the batch norm and the ReLU then have a quarter of the work
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(widths[-1], classes))


OWN: dict[str, Callable[[int], nn.Module]] = {"small_cnn": small_cnn}


def torchvision_network(architecture: str, *, pretrained: bool, weights: Path | None) -> nn.Module:
    from torchvision import models  # importing torchvision takes longer than importing torch

    names = models.list_models(module=models)
    if architecture not in names:
        raise ValueError(f"unknown architecture {architecture}: choose {', '.join(OWN)} or one of {', '.join(names)}")
    download = pretrained and weights is None
    network = downloaded(architecture, models.get_model) if download else models.get_model(architecture, weights=None)
    if weights:
        load_weights(network, architecture, weights)
    if hasattr(network, "transform_input"):  # GoogLeNet and Inception: from our normalisation to that of their published weights
        network.transform_input = True
    if getattr(network, "aux_logits", False):  # GoogLeNet and Inception return three sets of logits in training mode
        for name in ("aux_logits", "aux1", "aux2", "AuxLogits"):
            setattr(network, name, None)
    return network


def downloaded(architecture: str, get_model: Callable[..., nn.Module]) -> nn.Module:
    """The network with its ImageNet weights; WeightsUnreachable where this machine has no way to them."""
    try:
        return get_model(architecture, weights="DEFAULT")
    except (URLError, ConnectionError, TimeoutError) as error:
        ways = "let the job reach https://download.pytorch.org, give them as training.weights, or set training.pretrained to false"
        raise WeightsUnreachable(f"the ImageNet weights of {architecture} cannot be downloaded ({error}): {ways}") from error


def head_name(network: nn.Module) -> str:
    """Name of the layer that computes the logits: in all these architectures the last linear or convolution layer."""
    names: list[str] = [name for name, module in network.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    return names[-1]


def replace_head(network: nn.Module, classes: int) -> None:
    name = head_name(network)
    head = network.get_submodule(name)
    new: nn.Module
    if isinstance(head, nn.Linear):
        new = nn.Linear(head.in_features, classes)
    else:
        assert isinstance(head, nn.Conv2d)  # SqueezeNet
        new = nn.Conv2d(head.in_channels, classes, kernel_size=1)
    parent, _, attribute = name.rpartition(".")
    setattr(network.get_submodule(parent), attribute, new)


def freeze_backbone(network: nn.Module) -> None:
    """Freeze all parameters except the last layer's."""
    network.requires_grad_(requires_grad=False)
    network.get_submodule(head_name(network)).requires_grad_(requires_grad=True)


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")

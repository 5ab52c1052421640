import inspect
import re
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import nn

from model import network as networks
from model.network import OWN, build_network, freeze_backbone, head_name
from pedigree.settings.architectures import ARCHITECTURES, TORCHVISION


def test_every_builder_of_ours_has_a_name() -> None:
    functions = [each for each in vars(networks).values() if inspect.isfunction(each)]
    assert [each for each in functions if "classes" in list(inspect.signature(each).parameters)[:1]] == list(OWN.values())


def test_the_form_offers_every_network_of_ours() -> None:
    assert set(OWN) == set(ARCHITECTURES) - set(TORCHVISION)


@pytest.mark.parametrize("architecture", OWN)
def test_a_network_of_ours_answers_a_logit_a_class(architecture: str) -> None:
    network = build_network(architecture, 5)
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 5)
    assert isinstance(network.get_submodule(head_name(network)), nn.Linear), "the head that is replaced and trained alone"


@pytest.mark.parametrize("error", [URLError("Name or service not known"), TimeoutError("timed out"), ConnectionResetError("reset")])
def test_weights_out_of_reach_are_told_with_both_ways_on(error: Exception) -> None:
    def get_model(_architecture: str, *, weights: str) -> nn.Module:
        assert weights == "DEFAULT"
        raise error

    with pytest.raises(
        networks.WeightsUnreachable,
        match=r"weights of resnet18 .*\): let the job reach https://\S+, give them as training.weights, or set training.pretrained",
    ):
        networks.downloaded("resnet18", get_model)


@pytest.mark.parametrize("architecture", OWN)
def test_a_network_of_ours_has_no_weights_to_start_from(architecture: str) -> None:
    with pytest.raises(ValueError, match="no pretrained weights"):
        build_network(architecture, 5, pretrained=True)
    with pytest.raises(ValueError, match="no pretrained weights"):
        build_network(architecture, 5, weights=Path("resnet18.pth"))


# one of each kind of head: a linear layer, a sequence, a convolution, one beside auxiliary heads
@pytest.mark.slow  # torchvision takes seconds to import
@pytest.mark.parametrize("architecture", ["resnet18", "mobilenet_v3_small", "squeezenet1_1", "googlenet"])
def test_an_architecture_of_torchvision_gets_a_head_for_the_classes(architecture: str) -> None:
    network = build_network(architecture, 5).train()
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 5)


# one whose published file has names of before, one with auxiliary heads and a normalisation of its own
@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["densenet121", "googlenet"])
def test_weights_as_torchvision_publishes_them_fit_and_serve(architecture: str, tmp_path: Path) -> None:
    from torchvision import models

    published = models.get_model(architecture, weights=None).state_dict()
    for name in list(published):
        published[re.sub(r"(denselayer\d+\.(?:norm|conv))([12]\.)", r"\1.\2", name)] = published.pop(name)
    torch.save(published, tmp_path / "weights.pth")
    network = build_network(architecture, 5, pretrained=True, weights=tmp_path / "weights.pth").eval()
    served = build_network(architecture, 5).eval()
    served.load_state_dict(network.state_dict())
    images = torch.rand(2, 3, 64, 64)
    assert torch.equal(network(images), served(images))
    first = next(iter(published))
    assert torch.equal(network.state_dict()[first], published[first])


@pytest.mark.slow
def test_an_unknown_architecture_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown architecture resnet5: choose small_cnn or one of alexnet, .*resnet50"):
        build_network("resnet5", 5)


def test_a_frozen_backbone_leaves_the_head_to_train() -> None:
    network = build_network("small_cnn", 5)
    freeze_backbone(network)
    trainable = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trainable == {f"{head_name(network)}.weight", f"{head_name(network)}.bias"}

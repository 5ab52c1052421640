import pytest
import torch

from model.network import build_network, freeze_backbone, head_name


def test_the_small_network_answers_a_logit_a_class() -> None:
    assert build_network("small_cnn", 5)(torch.zeros(2, 3, 64, 64)).shape == (2, 5)


def test_the_small_network_has_no_weights_to_start_from() -> None:
    with pytest.raises(ValueError, match="no pretrained weights"):
        build_network("small_cnn", 5, pretrained=True)


# one of each kind of head: a linear layer, a sequence, a convolution, one beside auxiliary heads
@pytest.mark.parametrize("architecture", ["resnet18", "mobilenet_v3_small", "squeezenet1_1", "googlenet"])
def test_an_architecture_of_torchvision_gets_a_head_for_the_classes(architecture: str) -> None:
    network = build_network(architecture, 5).train()
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 5)


def test_an_unknown_architecture_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown architecture resnet5: choose small_cnn or one of alexnet, .*resnet50"):
        build_network("resnet5", 5)


def test_a_frozen_backbone_leaves_the_head_to_train() -> None:
    network = build_network("small_cnn", 5)
    freeze_backbone(network)
    trainable = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trainable == {f"{head_name(network)}.weight", f"{head_name(network)}.bias"}

"""The networks of the form are those that the container can build."""

import pytest
from pydantic import ValidationError

from pedigree.settings import Training, Tuning
from pedigree.settings.architectures import ARCHITECTURES, TORCHVISION, has_batch_norm


def test_they_are_torchvisions_own_classifiers() -> None:
    from torchvision import models

    assert list(TORCHVISION) == models.list_models(module=models)


def test_the_form_offers_each_of_them() -> None:
    assert Training.model_json_schema()["properties"]["architecture"]["enum"] == list(ARCHITECTURES)


@pytest.mark.parametrize("settings", [lambda: Training(architecture="resnet5O"), lambda: Tuning(architectures=("resnet5O",))])
def test_a_typing_error_is_refused_with_the_nearest_name(settings: object) -> None:
    with pytest.raises(ValidationError, match="there is no architecture resnet5O: choose resnet50 or "):
        settings()  # type: ignore[operator]


FAMILIES = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3", "maxvit_t"),
    *("mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5"),
    *("squeezenet1_0", "swin_t", "swin_v2_t", "vgg11", "vgg11_bn", "vit_b_32", "wide_resnet50_2"),
)


def has_layers_of_batch_norm(name: str) -> bool:
    from torch import device, nn
    from torchvision import models

    uninitialised = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with device("cpu" if name.startswith("regnet") else "meta"):  # regnet computes its widths with tensors
        network = models.get_model(name, **uninitialised)
    return any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_batch_norm_is_known_of_every_family() -> None:
    families = tuple(name.partition("_")[0].rstrip("0123456789") for name in FAMILIES)
    assert [name for name in TORCHVISION if not name.startswith(families)] == []
    assert [name for name in FAMILIES if has_batch_norm(name) != has_layers_of_batch_norm(name)] == []

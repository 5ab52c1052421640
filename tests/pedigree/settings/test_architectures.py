"""The networks of the form are those that the container can build."""

import pytest
from pydantic import ValidationError

from pedigree.settings import Training, Tuning
from pedigree.settings.architectures import ARCHITECTURES, TORCHVISION


def test_they_are_torchvisions_own_classifiers() -> None:
    from torchvision import models

    assert list(TORCHVISION) == models.list_models(module=models)


def test_the_form_offers_each_of_them() -> None:
    assert Training.model_json_schema()["properties"]["architecture"]["enum"] == list(ARCHITECTURES)


@pytest.mark.parametrize("settings", [lambda: Training(architecture="resnet5O"), lambda: Tuning(architectures=("resnet5O",))])
def test_a_typing_error_is_refused_with_the_nearest_name(settings: object) -> None:
    with pytest.raises(ValidationError, match="there is no architecture resnet5O: choose resnet50 or "):
        settings()  # type: ignore[operator]

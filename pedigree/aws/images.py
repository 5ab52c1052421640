"""AWS's own container images; only the SageMaker SDK knows them by region, account and instance type."""

from functools import cache


@cache
def pytorch_image(scope: str, *, region: str, version: str, python: str, instance_type: str) -> str:
    """URI of AWS's PyTorch image; `scope` is training or inference."""
    from sagemaker.core import image_uris  # four seconds, and only needed where no image is given

    uri: str = image_uris.retrieve("pytorch", region, version=version, py_version=python, instance_type=instance_type, image_scope=scope)
    return uri

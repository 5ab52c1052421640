"""The address of a container image."""

import re
from typing import Annotated

from pydantic import AfterValidator

REPOSITORY = r"[a-z0-9]+([._/-]+[a-z0-9]+)*"
VERSION = r"(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?"
ADDRESS = re.compile(rf"(?P<registry>[a-zA-Z0-9.-]+(:\d+)?)/{REPOSITORY}{VERSION}", re.ASCII)
ECR = re.compile(rf"\d{{12}}\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/{REPOSITORY}{VERSION}", re.ASCII)
LOCAL = "local/"  # the images of the embedded AWS
EXAMPLE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-repository:my-tag"


def require_address(uri: str) -> str:
    """Return the address of an image; ValueError for what cannot be one."""
    if uri and (ADDRESS.fullmatch(uri) is None or ("amazonaws" in uri and ECR.fullmatch(uri) is None)):
        raise ValueError(f"{uri!r} is no address of an image in ECR: write it as {EXAMPLE}, without https://")
    return uri


def region_of(uri: str) -> str | None:
    """The region of an image in ECR; None for an image elsewhere."""
    found = ECR.fullmatch(uri)
    return found["region"] if found else None


Image = Annotated[str, AfterValidator(require_address)]

"""moto's own executors, which would start Docker containers, are switched off: local_aws runs functions and jobs as processes."""

from typing import NoReturn

from moto.utilities.docker_utilities import DockerModel


def switch_off_executors() -> None:
    """Make every way of moto to Docker an error, whichever record asks for it."""
    DockerModel.docker_client = property(refuse)  # type: ignore[method-assign,assignment]


def refuse(_model: object) -> NoReturn:
    raise RuntimeError("local_aws starts no containers: no record of moto may execute anything.")

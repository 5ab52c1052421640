"""moto's own executors, which would start Docker containers, are switched off: local_aws runs functions and jobs as processes."""

from typing import Any, NoReturn

from local_aws.corrections import correct


def switch_off_executors() -> None:
    """Make every way of moto to Docker an error, whichever record asks for it."""
    correct("moto.utilities.docker_utilities", refuse_docker)


def refuse_docker(utilities: Any) -> None:
    utilities.DockerModel.docker_client = property(refuse)


def refuse(_model: object) -> NoReturn:
    raise RuntimeError("local_aws starts no containers: no record of moto may execute anything.")

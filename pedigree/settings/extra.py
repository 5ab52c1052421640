"""Further fields of an AWS request, for features of AWS that have no setting."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from pedigree.settings.service_models import service_model


def require_known(extra: dict[str, Any], service: str, operation: str) -> dict[str, Any]:
    """Raise ValueError for a field that AWS's own model of the operation does not know."""
    unknown = list(unknown_members(service_model(service).operation_model(operation).input_shape, extra)) if extra else []
    if unknown:
        raise ValueError(f"{operation} has no field {', '.join(unknown)}; see AWS's page of {operation}")
    return extra


def unknown_members(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, each in value.items():
            inside = f"{path}.{name}".lstrip(".")
            if name in shape.members:
                yield from unknown_members(shape.members[name], each, inside)
            else:
                yield inside
    elif shape.type_name == "list" and isinstance(value, list):
        for each in value:
            yield from unknown_members(shape.member, each, path)


def further(operation: str) -> Any:
    return Field(title=f"Further fields of {operation}", description=f"Further fields of the AWS request {operation}, as AWS names them.")


def known(service: str, operation: str) -> AfterValidator:
    return AfterValidator(partial(require_known, service=service, operation=operation))


ExtraTrainingJob = Annotated[dict[str, Any], known("sagemaker", "CreateTrainingJob"), further("CreateTrainingJob")]
ExtraModel = Annotated[dict[str, Any], known("sagemaker", "CreateModel"), further("CreateModel")]
ExtraEndpointConfig = Annotated[dict[str, Any], known("sagemaker", "CreateEndpointConfig"), further("CreateEndpointConfig")]
# the settings of a function are those that can be updated too
ExtraFunction = Annotated[dict[str, Any], known("lambda", "UpdateFunctionConfiguration"), further("UpdateFunctionConfiguration")]

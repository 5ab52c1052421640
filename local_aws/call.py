"""The types between the front and the services: one parsed call in, a dict or an AWS error out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException


@dataclass(frozen=True)
class Principal:
    """The caller: the ARN of a role, of a user or of the account's root; AWS's messages name `session_arn`, the assumed role."""

    arn: str
    access_key_id: str = ""
    session_arn: str = ""


@dataclass(frozen=True)
class Call:
    """One request after moto's router and parser, with the names of botocore."""

    service: str
    operation: str
    principal: Principal
    parameters: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], dict[str, Any]]
Operations = Mapping[tuple[str, str], Handler]  # (service, operation) -> the handler that executes it


class AwsError(ServiceException):
    """An error in AWS's own shape; `status` overrides the usual HTTP status of the code, `members` fill the other fields of the error."""

    # moto looks for a service model behind every exception whose module name starts with "moto."
    def __init__(self, code: str, message: str, *, status: int | None = None, **members: Any) -> None:
        super().__init__(code, message)
        self.status = status
        for name, value in members.items():
            setattr(self, name, value)

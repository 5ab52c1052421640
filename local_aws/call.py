"""What travels through the front: one parsed call in, a dict or an AWS error out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException


@dataclass(frozen=True)
class Principal:
    """Who calls: the ARN of a role, user or the account's root; `session_arn` is what AWS's messages name, the assumed role's."""

    arn: str
    access_key_id: str = ""
    session_arn: str = ""


@dataclass(frozen=True)
class Call:
    """One request after moto's router and parser: names as botocore spells them."""

    service: str
    operation: str
    principal: Principal
    parameters: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], dict[str, Any]]
Operations = Mapping[tuple[str, str], Handler]  # (service, operation) -> what we execute ourselves


class AwsError(ServiceException):
    """An error in AWS's own shape; `status` overrides the code's usual HTTP status, `members` fill the error's other fields."""

    # moto looks for a service model behind every exception whose module name starts with "moto."
    def __init__(self, code: str, message: str, *, status: int | None = None, **members: Any) -> None:
        super().__init__(code, message)
        self.status = status
        for name, value in members.items():
            setattr(self, name, value)

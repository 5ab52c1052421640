"""The check of a request's members: what no handler reads and nobody ignores on purpose is refused, so nothing is lost in silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from local_aws.call import AwsError, Call, Handler
from local_aws.members import functions, others, sagemaker

TABLES = (sagemaker, functions, others)
CODES = {  # of a parameter that a service does not take, where it is not ValidationException
    "cloudformation": "ValidationError",
    "cloudwatch": "ValidationError",
    "ec2": "UnsupportedOperation",
    "ecr": "InvalidParameterException",
    "iam": "ValidationError",
    "lambda": "InvalidParameterValueException",
    "sagemaker-runtime": "ValidationError",
}


@dataclass(frozen=True)
class Members:
    """The declared members of one operation as dotted paths; a path covers everything below it, and lists are no part of it.

    `ignored` maps paths to reasons.
    """

    read: frozenset[str]
    ignored: dict[str, str]

    @property
    def declared(self) -> frozenset[str]:
        return self.read | self.ignored.keys()


@cache
def members_of(service: str, operation: str) -> Members:
    """The declared members; KeyError for an operation without a declaration."""
    read = next(table.READ[service][operation] for table in TABLES if service in table.READ)
    ignored = [table.IGNORED.get(service, {}).get(operation, {}) for table in TABLES]
    reasons = {path: reason for found in ignored for paths, reason in found.items() for path in paths.split()}
    return Members(frozenset(read.split()), reasons)


def checked(service: str, operation: str, handler: Handler) -> Handler:
    """Wrap a handler so that it gets no request with an undeclared member."""
    declared = members_of(service, operation).declared

    @wraps(handler)
    def handle(call: Call) -> dict[str, Any]:
        if unknown := sorted(set(undeclared(call.parameters, declared))):
            message = f"local_aws does not act on {', '.join(unknown)} of {operation}, and refuses it rather than ignore it."
            raise AwsError(CODES.get(service, "ValidationException"), message, status=400)
        return handler(call)

    return handle


def undeclared(value: Any, declared: frozenset[str], path: str = "") -> Iterator[str]:
    """The paths in a request that have a value and no declaration."""
    if isinstance(value, list):
        for item in value:
            yield from undeclared(item, declared, path)
    elif path in declared or value is None:
        return
    elif isinstance(value, dict) and (not path or any(each.startswith(f"{path}.") for each in declared)):
        for name, inner in value.items():
            yield from undeclared(inner, declared, f"{path}.{name}" if path else name)
    else:
        yield path

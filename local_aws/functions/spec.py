"""The specification of an execution environment: code and settings of one function version."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spec:
    """Environments with equal specs can serve the same invocations; `timeout` in seconds, `memory` in MB."""

    name: str
    version: str
    handler: str
    runtime: str
    role: str
    timeout: int
    memory: int
    variables: tuple[tuple[str, str], ...]
    code: bytes = field(repr=False)


def spec_of(function: Any) -> Spec:
    """The spec of moto's record of a function version."""
    return Spec(
        name=function.function_name,
        version=str(function.version),
        handler=function.handler,
        runtime=function.run_time,
        role=function.role,
        timeout=int(function.timeout),
        memory=int(function.memory_size),
        variables=tuple(sorted(function.environment_vars.items())),
        code=function.code_bytes,
    )

"""What an execution environment is started from: one version of a function as it stands in the books."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spec:
    """Two environments serve the same invocations when their specs are equal; `timeout` in seconds, `memory` in MB."""

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

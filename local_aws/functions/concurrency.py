"""The limits of concurrent invocations: reserved concurrency of a function, the account's limit, and unreserved concurrency."""

from collections import Counter
from typing import Any

from local_aws.call import Call
from local_aws.functions.errors import invalid, throttled
from local_aws.functions.provision import Provisions
from local_aws.functions.registry import Registry, split_reference
from local_aws.quotas import Quotas

MINIMUM_UNRESERVED = 100  # https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html


class Concurrency:
    """The concurrency limits; every method reads the current records and quotas."""

    def __init__(self, registry: Registry, provisions: Provisions, quotas: Quotas) -> None:
        self._registry, self._provisions, self._quotas = registry, provisions, quotas

    def reserved(self, name: str) -> int | None:
        value = self._registry.latest(name).reserved_concurrency
        return None if value is None else int(value)

    def unreserved(self) -> int:
        """The unreserved concurrency of the account."""
        return self._quotas.concurrent_executions - sum(self.reserved(name) or 0 for name in self._registry.names())

    def admit(self, name: str, running: Counter[str]) -> None:
        """Raise TooManyRequestsException unless one more invocation may run on demand; idle provisioned environments count too."""
        reserved = self.reserved(name)
        if reserved is None:
            sharing = [other for other in self._registry.names() if self.reserved(other) is None]
            if sum(running[other] + self._provisions.total(other) for other in sharing) >= self.unreserved():
                raise throttled("ConcurrentInvocationLimitExceeded")
        elif running[name] >= reserved - self._provisions.total(name):
            raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")

    def check_provisioned(self, name: str, wanted: int) -> None:
        """Raise InvalidParameterValueException when a function may not have `wanted` provisioned environments in total."""
        reserved = self.reserved(name)
        if reserved is not None:
            if wanted > reserved:
                raise invalid("Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function")
            return
        others = sum(self._provisions.total(other) for other in self._registry.names() if other != name and self.reserved(other) is None)
        if self.unreserved() - others - wanted < MINIMUM_UNRESERVED:
            raise invalid(
                "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
                f"below its minimum value of [{MINIMUM_UNRESERVED}]."
            )

    def put(self, call: Call) -> dict[str, Any]:
        name, _ = split_reference(call.parameters["FunctionName"])
        wanted = int(call.parameters["ReservedConcurrentExecutions"])
        latest = self._registry.latest(name)
        if self.unreserved() + (self.reserved(name) or 0) - wanted < MINIMUM_UNRESERVED:
            raise invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
                f"below its minimum value of [{MINIMUM_UNRESERVED}]."
            )
        if wanted < self._provisions.total(name):
            raise invalid(
                f"ReservedConcurrentExecutions {wanted} should not be lower than "
                f"configured total provisioned concurrency [{self._provisions.total(name)}]."
            )
        latest.reserved_concurrency = wanted
        return {"ReservedConcurrentExecutions": wanted}

    def get(self, call: Call) -> dict[str, Any]:
        reserved = self.reserved(split_reference(call.parameters["FunctionName"])[0])
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    def delete(self, call: Call) -> dict[str, Any]:
        self._registry.latest(split_reference(call.parameters["FunctionName"])[0]).reserved_concurrency = None
        return {}

    def account_settings(self, _call: Call) -> dict[str, Any]:
        sizes = [record.code_size for name in self._registry.names() for record in self._registry.all_versions(name)]
        limits = {"TotalCodeSize": 80_530_636_800, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800}
        return {
            "AccountLimit": {
                **limits,
                "ConcurrentExecutions": self._quotas.concurrent_executions,
                "UnreservedConcurrentExecutions": self.unreserved(),
            },
            "AccountUsage": {"TotalCodeSize": sum(sizes), "FunctionCount": len(self._registry.names())},
        }

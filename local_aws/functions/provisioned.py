"""The operations on provisioned concurrency configs."""

import threading
from typing import Any

from local_aws.call import AwsError, Call
from local_aws.functions.concurrency import Concurrency
from local_aws.functions.environment import Environment
from local_aws.functions.errors import conflict, invalid
from local_aws.functions.launcher import Launcher
from local_aws.functions.provision import Provision, Provisions
from local_aws.functions.registry import LATEST, Registry, split_reference, weights_of
from local_aws.functions.spec import Spec, spec_of

WEIGHTED = "Alias with weights can not be used with Provisioned Concurrency"


class ProvisionedConcurrency:
    def __init__(self, registry: Registry, concurrency: Concurrency, provisions: Provisions, launcher: Launcher) -> None:
        self._registry, self._concurrency, self._provisions, self._launcher = registry, concurrency, provisions, launcher
        self._changing = threading.Lock()
        for provision in provisions.all():
            provision.resume(self._start)

    def put(self, call: Call) -> dict[str, Any]:
        name, qualifier = named(call)
        wanted = int(call.parameters["ProvisionedConcurrentExecutions"])
        with self._changing:
            record = self._published(name, qualifier)
            existing = self._provisions.get(name, qualifier)
            others = self._provisions.total(name) - (existing.requested if existing else 0)
            self._concurrency.check_provisioned(name, others + wanted)
            if existing is None:
                return self._provide(name, qualifier, record, wanted)
            existing.resize(wanted)
            return existing.describe()

    def get(self, call: Call) -> dict[str, Any]:
        name, qualifier = named(call)
        self._registry.resolve(name, qualifier)
        provision = self._provisions.get(name, qualifier)
        if provision is None:
            raise not_configured()
        return provision.describe()

    def list_configs(self, call: Call) -> dict[str, Any]:
        name, _ = named(call)
        self._registry.latest(name)
        return {
            "ProvisionedConcurrencyConfigs": [
                {**provision.describe(), "FunctionArn": self._registry.arn(name, qualifier)}
                for qualifier, provision in self._provisions.of_function(name).items()
            ]
        }

    def delete(self, call: Call) -> dict[str, Any]:
        name, qualifier = named(call)
        self._registry.resolve(name, qualifier)
        if self._provisions.get(name, qualifier) is None:
            raise not_configured()
        self._provisions.remove(name, qualifier)
        return {}

    def follow_alias(self, name: str, alias: Any) -> None:
        """Move the config of an alias to the version to which the alias now points."""
        provision = self._provisions.get(name, alias.name)
        if provision and provision.spec.version != alias.function_version:
            wanted, record = provision.requested, self._registry.version(name, alias.function_version)
            self._provisions.remove(name, alias.name)
            self._provide(name, alias.name, record, wanted)

    def _provide(self, name: str, qualifier: str, record: Any, wanted: int) -> dict[str, Any]:
        provision = Provision(spec_of(record), wanted, self._start)
        self._provisions.put(name, qualifier, provision)
        return provision.describe()

    def _start(self, spec: Spec) -> Environment:
        return self._launcher.start(spec, "provisioned-concurrency")

    def _published(self, name: str, qualifier: str) -> Any:
        """The record of the version for a new config, after AWS's checks."""
        alias = self._registry.aliases(name).get(qualifier)
        number = alias.function_version if alias else qualifier
        if number == LATEST:
            raise invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        if alias and weights_of(alias):
            raise invalid(WEIGHTED)
        if alias and self._provisions.get(name, number):
            raise conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version")
        if not alias and any(self._registry.aliases(name)[other].function_version == number for other in self._provisioned_aliases(name)):
            raise conflict("Version is pointed to by a Provisioned Concurrency alias")
        return self._registry.version(name, number)

    def _provisioned_aliases(self, name: str) -> list[str]:
        aliases = self._registry.aliases(name)
        return [qualifier for qualifier in self._provisions.of_function(name) if qualifier in aliases]


def named(call: Call) -> tuple[str, str]:
    name, own_qualifier = split_reference(call.parameters["FunctionName"])
    return name, own_qualifier or call.parameters.get("Qualifier") or ""


def not_configured() -> AwsError:
    message = "No Provisioned Concurrency Config found for this function"
    return AwsError("ProvisionedConcurrencyConfigNotFoundException", message, Type="User")

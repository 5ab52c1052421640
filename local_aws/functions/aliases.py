"""The operations on aliases, over moto's records, with AWS's errors and revisions."""

from typing import Any

from local_aws.call import Call
from local_aws.functions.errors import conflict, invalid, not_found
from local_aws.functions.provision import Provisions
from local_aws.functions.provisioned import WEIGHTED, ProvisionedConcurrency
from local_aws.functions.registry import LATEST, Registry, check_revision, renew_revision, split_reference


class Aliases:
    def __init__(self, registry: Registry, provisions: Provisions, provisioned: ProvisionedConcurrency) -> None:
        self._registry, self._provisions, self._provisioned = registry, provisions, provisioned

    def create(self, call: Call) -> dict[str, Any]:
        name, alias = named(call)
        if alias in self._registry.aliases(name):
            raise conflict(f"Alias already exists: {self._registry.arn(name, alias)}")
        version, routing = call.parameters["FunctionVersion"], self._routing(name, call)
        self._check(name, version, routing or {})
        description = call.parameters.get("Description") or ""
        record = self._registry.books.create_alias(alias, name, version, description, routing)
        return document(record)

    def get(self, call: Call) -> dict[str, Any]:
        return document(self._find(*named(call)))

    def list_aliases(self, call: Call) -> dict[str, Any]:
        name, _ = split_reference(call.parameters["FunctionName"])
        version = call.parameters.get("FunctionVersion")
        records = sorted(self._registry.aliases(name).values(), key=lambda record: str(record.name))
        return {"Aliases": [document(record) for record in records if version in (None, record.function_version)]}

    def update(self, call: Call) -> dict[str, Any]:
        name, alias = named(call)
        record = self._find(name, alias)
        check_revision(record, call.parameters.get("RevisionId"))
        version, routing = call.parameters.get("FunctionVersion"), self._routing(name, call)
        self._check(name, version or record.function_version, record.routing_config or {} if routing is None else routing)
        if routing and self._provisions.get(name, alias):
            raise invalid(WEIGHTED)
        record.update(call.parameters.get("Description"), version, routing)
        renew_revision(record)
        self._provisioned.follow_alias(name, record)
        return document(record)

    def delete(self, call: Call) -> dict[str, Any]:
        name, alias = named(call)
        self._provisions.remove(name, alias)
        self._registry.aliases(name).pop(alias, None)
        return {}

    def _find(self, name: str, alias: str) -> Any:
        record = self._registry.aliases(name).get(alias)
        if record is None:
            raise not_found(f"Cannot find alias arn: {self._registry.arn(name, alias)}")
        return record

    def _routing(self, name: str, call: Call) -> dict[str, Any] | None:
        """The RoutingConfig of the call; {} when it has no weights, None when the call has no RoutingConfig."""
        routing = call.parameters.get("RoutingConfig")
        if routing is None:
            return None
        weights = routing.get("AdditionalVersionWeights") or {}
        for version in weights:
            self._registry.version(name, version)
        return {"AdditionalVersionWeights": weights} if weights else {}

    def _check(self, name: str, version: str, routing: dict[str, Any]) -> None:
        self._registry.version(name, version)
        if routing and LATEST in (version, *routing["AdditionalVersionWeights"]):
            raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")


def named(call: Call) -> tuple[str, str]:
    return split_reference(call.parameters["FunctionName"])[0], call.parameters["Name"]


def document(record: Any) -> dict[str, Any]:
    members: dict[str, Any] = record.to_json()
    return {name: value for name, value in members.items() if value is not None}

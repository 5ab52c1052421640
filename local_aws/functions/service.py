"""Lambda: moto's records of functions, and execution environments in which they really run."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.core.exceptions import JsonRESTError

from local_aws.call import AwsError, Call, Handler, Operations
from local_aws.cloud import Cloud
from local_aws.functions.aliases import Aliases
from local_aws.functions.concurrency import Concurrency
from local_aws.functions.events import FunctionEvents
from local_aws.functions.fleet import Fleet
from local_aws.functions.invocation import Invoker
from local_aws.functions.launcher import Launcher
from local_aws.functions.permissions import Permissions
from local_aws.functions.provision import Provisions
from local_aws.functions.provisioned import ProvisionedConcurrency
from local_aws.functions.registry import Registry, split_reference
from local_aws.functions.urls import Urls
from local_aws.functions.versions import Versions
from local_aws.journal import Journal
from local_aws.quotas import Quotas

PART = "awslambda"  # of the memory


class Functions:
    """The Lambda service."""

    def __init__(self, cloud: Cloud, quotas: Quotas, journal: Journal) -> None:
        registry, launcher = Registry(cloud), Launcher(cloud)
        self._provisions = Provisions(cloud.memory.shelf(PART, "provisions", dict))
        self._concurrency = Concurrency(registry, self._provisions, quotas)
        self._fleet = Fleet(launcher, self._concurrency, self._provisions)
        self._provisioned = ProvisionedConcurrency(registry, self._concurrency, self._provisions, launcher)
        self._aliases = Aliases(registry, self._provisions, self._provisioned)
        self._versions = Versions(cloud, registry, self._fleet, self._provisions)
        self._invoker = Invoker(cloud, registry, self._fleet, self._provisions)
        self._permissions = Permissions(registry)
        self._urls = Urls(cloud, registry, self._invoker, journal, cloud.memory.shelf(PART, "urls", dict))
        self.deliver = FunctionEvents(cloud, registry, self._invoker, journal).deliver

    def operations(self) -> Operations:
        handlers: dict[str, Handler] = {
            "Invoke": self._invoker.invoke,
            "CreateFunction": self._versions.create,
            "GetFunction": self._versions.get,
            "GetFunctionConfiguration": self._versions.get_configuration,
            "UpdateFunctionCode": self._versions.update_code,
            "UpdateFunctionConfiguration": self._versions.update_configuration,
            "DeleteFunction": self._delete,
            "PublishVersion": self._versions.publish,
            "ListVersionsByFunction": self._versions.list_versions,
            "CreateAlias": self._aliases.create,
            "GetAlias": self._aliases.get,
            "UpdateAlias": self._aliases.update,
            "DeleteAlias": self._aliases.delete,
            "ListAliases": self._aliases.list_aliases,
            "PutFunctionConcurrency": self._concurrency.put,
            "GetFunctionConcurrency": self._concurrency.get,
            "DeleteFunctionConcurrency": self._concurrency.delete,
            "GetAccountSettings": self._concurrency.account_settings,
            "PutProvisionedConcurrencyConfig": self._provisioned.put,
            "GetProvisionedConcurrencyConfig": self._provisioned.get,
            "ListProvisionedConcurrencyConfigs": self._provisioned.list_configs,
            "DeleteProvisionedConcurrencyConfig": self._provisioned.delete,
            "AddPermission": self._permissions.add,
            "GetPolicy": self._permissions.get,
            "RemovePermission": self._permissions.remove,
            "CreateFunctionUrlConfig": self._urls.create,
            "GetFunctionUrlConfig": self._urls.get,
            "UpdateFunctionUrlConfig": self._urls.update,
            "DeleteFunctionUrlConfig": self._urls.delete,
            "ListFunctionUrlConfigs": self._urls.list_urls,
        }
        return {("lambda", name): in_our_errors(handler) for name, handler in handlers.items()}

    def close(self) -> None:
        """End all execution environments."""
        self._urls.close()
        self._invoker.close()
        self._provisions.clear()
        self._fleet.end_all()

    def _delete(self, call: Call) -> dict[str, Any]:
        answer = self._versions.delete(call)
        name, own_qualifier = split_reference(call.parameters["FunctionName"])
        if not (own_qualifier or call.parameters.get("Qualifier")):
            self._urls.forget(name)
        return answer


def in_our_errors(handler: Callable[[Call], dict[str, Any]]) -> Handler:
    """Wrap a handler so that moto's errors become AWS's errors."""

    @wraps(handler)
    def handle(call: Call) -> dict[str, Any]:
        try:
            return handler(call)
        except JsonRESTError as error:
            raise AwsError(error.error_type, error.message, status=error.code) from error

    return handle

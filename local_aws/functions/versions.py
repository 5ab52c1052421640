"""The operations on functions and their versions, over moto's records, with AWS's errors, revisions and states."""

import base64
import copy
import threading
import time
from typing import Any

from moto.core.utils import iso_8601_datetime_with_nanoseconds

from local_aws.call import AwsError, Call
from local_aws.cloud import Cloud
from local_aws.functions.code import fetch_code
from local_aws.functions.errors import conflict, invalid
from local_aws.functions.fleet import Fleet
from local_aws.functions.provision import Provisions
from local_aws.functions.registry import LATEST, Registry, check_revision, renew_revision, revision_of, split_reference, weights_of
from local_aws.iam.roles import assume_execution_role
from local_aws.rules import rule

VOLATILE = {"FunctionArn", "Version", "LastModified"}  # these fields differ between $LATEST and a version that is published from it
UPDATE_SECONDS = 0.5  # of AWS's time
UPDATING = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}


class Versions:
    def __init__(self, cloud: Cloud, registry: Registry, fleet: Fleet, provisions: Provisions) -> None:
        self._cloud, self._registry, self._fleet, self._provisions = cloud, registry, fleet, provisions
        self._changing_books = threading.Lock()  # two concurrent callers must not both succeed

    def create(self, call: Call) -> dict[str, Any]:
        name, _ = split_reference(call.parameters["FunctionName"])
        with self._changing_books:
            if name in self._registry.names():
                raise conflict(f"Function already exist: {name}")
            check_runnable(call.parameters)
            self._check_role(call.parameters["Role"])
            code = base64.b64encode(fetch_code(self._cloud, call.parameters["Code"]))
            record = self._registry.books.create_function(
                {**call.parameters, "FunctionName": name, "Code": {"ZipFile": code}, "Publish": False}
            )
        if call.parameters.get("Publish"):
            record = self._publish(name)
        return {
            **self._document(record),
            "FunctionArn": self._registry.arn(name, ""),  # without a version also where one is published, unlike UpdateFunctionCode
            "State": "Pending",
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
        }

    def get(self, call: Call) -> dict[str, Any]:
        configuration = self.get_configuration(call)
        record = self._registry.latest(configuration["FunctionName"])
        answer = {"Configuration": configuration, "Code": record.get_code()["Code"]} | ({"Tags": record.tags} if record.tags else {})
        if record.reserved_concurrency is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": int(record.reserved_concurrency)}
        return answer

    def get_configuration(self, call: Call) -> dict[str, Any]:
        target = self._registry.resolve(call.parameters["FunctionName"], call.parameters.get("Qualifier"))
        return {**self._document(target.function), "FunctionArn": self._registry.arn(target.name, target.qualifier)}

    def list_versions(self, call: Call) -> dict[str, Any]:
        name, _ = split_reference(call.parameters["FunctionName"])
        latest = {**self._document(self._registry.latest(name)), "FunctionArn": self._registry.arn(name, LATEST)}
        return {"Versions": [latest, *map(self._document, self._registry.published(name))]}

    def update_code(self, call: Call) -> dict[str, Any]:
        name, record = self._changing(call)
        code = fetch_code(self._cloud, call.parameters)
        if call.parameters.get("DryRun"):
            return self._document(record)
        record.update_function_code({"ZipFile": base64.b64encode(code)})
        record.uploads = record.__dict__.get("uploads", 0) + 1
        record.architectures = call.parameters.get("Architectures") or record.architectures
        return self._updated(self._publish(name) if call.parameters.get("Publish") else record, changed=record)

    def update_configuration(self, call: Call) -> dict[str, Any]:
        _name, record = self._changing(call)
        changes = call.parameters
        check_runnable({"Runtime": record.run_time, "Handler": record.handler, **changes})
        if "Role" in changes:
            self._check_role(changes["Role"])
        environment = {"Variables": {}, **changes.get("Environment", {"Variables": record.environment_vars})}
        record.update_configuration({**changes, "Environment": environment})
        record.ephemeral_storage = changes.get("EphemeralStorage", {}).get("Size", record.ephemeral_storage)
        record.tracing_config = changes.get("TracingConfig", record.tracing_config)
        return self._updated(record, changed=record)

    def publish(self, call: Call) -> dict[str, Any]:
        name, record = self._changing(call)
        expected = call.parameters.get("CodeSha256")
        if expected and expected != record.code_sha_256:
            raise invalid(
                f"CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({record.code_sha_256}). "
                "Please try again with the CodeSHA256 in $LATEST."
            )
        return self._document(self._publish(name, call.parameters.get("Description") or ""))

    def delete(self, call: Call) -> dict[str, Any]:
        name, own_qualifier = split_reference(call.parameters["FunctionName"])
        version = own_qualifier or call.parameters.get("Qualifier") or ""
        if version:
            self._check_deletable(name, version)
        if version in ("", *(str(record.version) for record in self._registry.published(name))):
            self._registry.books.delete_function(name, version or None)
        for qualifier in [version] if version else self._provisions.of_function(name):
            self._provisions.remove(name, qualifier)
        self._fleet.end(name, version)
        return {}

    def _changing(self, call: Call) -> tuple[str, Any]:
        """Name and $LATEST record of the function that a call changes, after the check of the expected revision."""
        name, _ = split_reference(call.parameters["FunctionName"])
        record = self._registry.latest(name)
        update_in_progress(record)
        check_revision(record, call.parameters.get("RevisionId"))
        return name, record

    def _publish(self, name: str, description: str = "") -> Any:
        """Publish a new version of $LATEST, or return the last version when nothing has changed since."""
        with self._changing_books:
            latest, published = self._registry.latest(name), self._registry.published(name)
            state = settings(latest)
            if published and published[-1].__dict__.get("published_from") == state:
                return published[-1]
            # A version number is never reused, not even after the version was deleted.
            latest.last_version = max([latest.__dict__.get("last_version", 0), *(int(record.version) for record in published)]) + 1
            version = copy.copy(latest)
            version.environment_vars, version.code = dict(latest.environment_vars), dict(latest.code)
            version.description = description or latest.description
            version.published_from, version.updating_until = state, 0.0
            version.set_version(latest.last_version)
            renew_revision(version)
            self._registry.add_version(name, version)
            return version

    def _updated(self, record: Any, *, changed: Any) -> dict[str, Any]:
        changed.last_modified = iso_8601_datetime_with_nanoseconds()
        renew_revision(changed)
        changed.updating_until = time.monotonic() + self._cloud.pace.seconds(UPDATE_SECONDS)
        return {**self._document(record), **UPDATING}

    def _document(self, record: Any) -> dict[str, Any]:
        return {**record.get_configuration(), "RevisionId": revision_of(record), **(UPDATING if is_updating(record) else {})}

    def _check_role(self, role: str) -> None:
        try:
            assume_execution_role(self._cloud, role, "lambda.amazonaws.com")
        except AwsError:
            raise invalid("The role defined for the function cannot be assumed by Lambda.") from None

    def _check_deletable(self, name: str, version: str) -> None:
        if version == LATEST:
            raise invalid("$LATEST version cannot be deleted without deleting the function.")
        aliases = self._registry.aliases(name)
        if version in aliases:
            raise invalid("Deletion of aliases is not currently supported.")
        if using := [str(alias.name) for alias in aliases.values() if version in (alias.function_version, *weights_of(alias))]:
            raise conflict(f"Unable to delete version because the following aliases reference it: [{', '.join(using)}]")


@rule(
    "Lambda UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion",
    "After a change a function is InProgress for a while, and a second change meanwhile is refused with ResourceConflictException.",
    "https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html",
)
def update_in_progress(record: Any) -> None:
    if is_updating(record):
        raise conflict(f"The operation cannot be performed at this time. An update is in progress for resource: {record.function_arn}")


def is_updating(record: Any) -> bool:
    return bool(time.monotonic() < record.__dict__.get("updating_until", 0.0))


def settings(record: Any) -> dict[str, Any]:
    """The code and configuration of a function; a change of them needs a new version, and so does the same code when it is uploaded again.

    test_update_function_zip of moto, which its authors ran on AWS.
    """
    kept = {name: value for name, value in record.get_configuration().items() if name not in VOLATILE}
    return kept | {"uploads": record.__dict__.get("uploads", 0)}


def check_runnable(parameters: dict[str, Any]) -> None:
    """Raise InvalidParameterValueException for functions that AWS refuses, and for functions that local_aws cannot run."""
    if not parameters.get("Runtime") or not parameters.get("Handler"):
        raise invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
    if not parameters["Runtime"].startswith("python") or parameters.get("PackageType", "Zip") != "Zip" or parameters.get("Layers"):
        raise invalid("local_aws runs zip functions without layers and with a python runtime only.")

"""moto's records of functions, versions and aliases, found by the names that callers use."""

import random
import re
import uuid
from dataclasses import dataclass
from typing import Any

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.functions.errors import not_found, precondition_failed

LATEST = "$LATEST"
REFERENCE = re.compile(r"(?:(?:arn:[\w-]+:lambda:[\w-]+:)?(?:\d{12}:)?function:)?(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?")


@dataclass(frozen=True)
class Target:
    """The function version for a name and a qualifier; `qualifier` is "" when the caller gave none.

    `drawn` is true when the version was drawn from an alias with weights.
    """

    name: str
    qualifier: str
    function: Any  # moto's record of the version
    drawn: bool = False

    @property
    def version(self) -> str:
        return str(self.function.version)


class Registry:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @property
    def books(self) -> Any:
        return self._cloud.books("lambda")

    def arn(self, name: str, qualifier: str = "") -> str:
        return self._cloud.arn("lambda", f"function:{name}" + (f":{qualifier}" if qualifier else ""))

    def names(self) -> list[str]:
        return list(self._records())

    def latest(self, name: str) -> Any:
        """The record of $LATEST; ResourceNotFoundException for an unknown function."""
        return self._record(name)["latest"]

    def published(self, name: str) -> list[Any]:
        """The records of the published versions, oldest first."""
        versions: list[Any] = self._record(name)["versions"]
        return versions

    def all_versions(self, name: str) -> list[Any]:
        return [self.latest(name), *self.published(name)]

    def add_version(self, name: str, record: Any) -> None:
        self.published(name).append(record)
        self.books._lambdas._arns[record.function_arn] = record

    def version(self, name: str, number: str) -> Any:
        if number == LATEST:
            return self.latest(name)
        for record in self.published(name):
            if str(record.version) == number:
                return record
        raise self.unknown(name, number)

    def aliases(self, name: str) -> dict[str, Any]:
        """moto's alias records by alias name."""
        self.latest(name)
        aliases: dict[str, Any] = self.books._lambdas._aliases[self.arn(name)]
        return aliases

    def resolve(self, reference: str, qualifier: str | None = None) -> Target:
        """Resolve a function name or ARN, with its own qualifier or with `qualifier`; an alias with weights draws a version."""
        name, own_qualifier = split_reference(reference)
        asked = own_qualifier or qualifier or ""
        alias = self.aliases(name).get(asked)
        number = draw_version(alias) if alias else asked or LATEST
        try:
            return Target(name, asked, self.version(name, number), drawn=bool(alias and weights_of(alias)))
        except AwsError:
            raise self.unknown(name, asked) from None

    def _record(self, name: str) -> dict[str, Any]:
        record: dict[str, Any] | None = self._records().get(name)
        if record is None:
            raise self.unknown(name)
        return record

    def _records(self) -> dict[str, Any]:
        functions: dict[str, Any] = self.books._lambdas._functions
        return functions

    def unknown(self, name: str, qualifier: str = "") -> AwsError:
        return not_found(f"Function not found: {self.arn(name, qualifier)}")


def split_reference(reference: str) -> tuple[str, str]:
    """Split a name, a partial ARN or an ARN into function name and qualifier ("" for none)."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise not_found(f"Function not found: {reference}")
    return match["name"], match["qualifier"] or ""


def weights_of(alias: Any) -> dict[str, float]:
    """The additional versions of an alias, each with its share of the traffic."""
    weights: dict[str, float] = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    return weights


def draw_version(alias: Any) -> str:
    weights = weights_of(alias)
    versions, shares = [alias.function_version, *weights], [1 - sum(weights.values()), *weights.values()]
    return str(random.choices(versions, shares)[0])  # noqa: S311 - routing, not cryptography


def revision_of(record: Any) -> str:
    """RevisionId of a function version, which moto does not keep."""
    revision: str = record.__dict__.setdefault("revision_id", str(uuid.uuid4()))
    return revision


def renew_revision(record: Any) -> None:
    record.revision_id = str(uuid.uuid4())


def check_revision(record: Any, expected: str | None) -> None:
    if expected and expected != revision_of(record):
        raise precondition_failed()

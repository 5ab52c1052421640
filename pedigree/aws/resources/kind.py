"""The interface of every kind of resource: list, delete, cost and owner."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from botocore.exceptions import ClientError

from pedigree.aws.errors import is_missing
from pedigree.aws.naming import EXPIRY_TAG, FLOW_RUN_TAG, KEY_TAG, PROJECT_TAG, belongs_to
from pedigree.values import Account

Use = Literal["training", "hosting", "transform", "notebook", "ec2"]  # an instance is paid for as
Unit = Literal["alarm", "bucket_gb", "provisioned_gb"]
Layer = Literal["serving", "model", "data"]  # bills around the clock; a record that costs nothing; bytes in the bucket


@dataclass(frozen=True)
class Resource:
    """One resource of the project; `kind` is the title of its row, `name` the argument of that row's `delete`, `size` in bytes.

    `of` names what it is there for: the endpoint of a scalable target or function, the job of an output.
    """

    kind: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    of: str = ""
    size: int = 0

    @property
    def flow_run_id(self) -> str | None:
        """The flow run that created it."""
        return self.tags.get(FLOW_RUN_TAG)

    @property
    def expires_at(self) -> datetime | None:
        expiry = self.tags.get(EXPIRY_TAG)
        return datetime.fromisoformat(expiry) if expiry else None


@dataclass(frozen=True)
class Billed:
    """The parts of a resource that AWS bills around the clock.

    `instances` is {(use, instance type): how many}, `units` is {unit: how many}.
    """

    instances: Mapping[tuple[Use, str], float] = field(default_factory=dict)
    units: Mapping[Unit, float] = field(default_factory=dict)


NOTHING = Billed()
Owner = tuple[str, str]  # title of a kind, name of a resource
ENDPOINT_TITLE, FUNCTION_TITLE, TRAINING_JOB_TITLE = "endpoint", "function", "training job"  # kinds that own resources of other kinds


@dataclass(frozen=True, kw_only=True)
class ResourceKind(ABC):
    """One row of the table; `named` and `key` tell people how the name is made and what its key is the hash of."""

    title: str
    named: str
    key: str = "-"
    layer: Layer = "model"

    @abstractmethod
    def find(self, account: Account) -> Iterator[Resource]:
        """Find the resources that carry this project's tags."""

    @abstractmethod
    def delete(self, account: Account, name: str) -> None:
        """Delete the resource and return when it is gone; a resource that does not exist is no error."""

    @abstractmethod
    def billed(self, account: Account, resource: Resource) -> Billed:
        """The cost of the resource while it exists; the cost of a job belongs to its run."""

    @abstractmethod
    def owner(self, resource: Resource) -> Owner | None:
        """The resource that this one is deleted with; None when it is deleted with its flow run."""


def is_ours(account: Account, tags: Mapping[str, str]) -> bool:
    """The bootstrap stack's own resources may carry the project, but they have no key."""
    return tags.get(PROJECT_TAG) == account.project and KEY_TAG in tags


def may_be_ours(account: Account, name: str) -> bool:
    """Whether the project's roles have rights on this name; the tags decide whose resource it is."""
    return belongs_to(account.project, name)


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Ignore the error of a call when its resource was deleted meanwhile."""
    try:
        yield
    except ClientError as error:
        if not is_missing(error):
            raise

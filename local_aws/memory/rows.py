"""Records that are rows of their own, because they are many."""

from collections.abc import Mapping
from typing import Any

from local_aws.memory.database import Database
from local_aws.memory.pickling import dump, load


class Rows:
    """The records of one kind; without a database there are none, and none are kept."""

    def __init__(self, name: str, database: Database | None) -> None:
        self._name, self._database = name, database

    def all(self) -> dict[str, Any]:
        """The records by their keys, in the order in which they were first kept."""
        return {key: load(value) for key, value in self._database.rows(self._name).items()} if self._database else {}

    def names(self) -> list[str]:
        """The keys alone: an object of S3 that is read and dropped would take its body along."""
        return self._database.keys(self._name) if self._database else []

    def change(self, records: Mapping[str, Any], module: str = "") -> bool:
        """Keep these records, of a module of moto, and forget those that are None; False when the memory is closed."""
        if self._database is None:
            return True
        return self._database.write(
            {(self._name, key): None if record is None else dump(record, module, {}) for key, record in records.items()}
        )

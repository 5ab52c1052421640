"""The memory: what a call has changed is kept before it is answered, and comes back at the next start."""

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from local_aws.call import AwsError, Call
from local_aws.memory import records
from local_aws.memory.changes import EVERY, parts_of
from local_aws.memory.database import ANEW, Database
from local_aws.memory.pickling import load
from local_aws.memory.rows import Rows

RECORDS = "records"  # the rows with one pickle for each part
LAST = ("ec2", "applicationautoscaling", "cloudformation")  # their records name records of other parts
T = TypeVar("T")


class Memory:
    """The memory of one embedded AWS; without a database it keeps nothing."""

    def __init__(self, database: Database | None = None) -> None:
        self._database = database
        self._shelves: dict[str, dict[str, Any]] = {}
        self._keepers: dict[str, Callable[[Call], bool]] = {}
        self._parts: dict[str, Part] = {}
        self._making = threading.Lock()
        self._ending = False

    def shelf(self, part: str, name: str, make: Callable[[], T]) -> T:
        """An object of ours that is kept with moto's records of a part: what came back, or a new one."""
        with self._making:
            kept: T = self._shelves.setdefault(part, {}).setdefault(name, make())
        return kept

    def rows(self, name: str) -> Rows:
        return Rows(name, self._database)

    def keep_by(self, part: str, keeper: Callable[[Call], bool]) -> None:
        """Let `keeper` keep what calls change in a part: it has rows of its own. It returns whether they are kept."""
        self._keepers[part] = keeper

    def keep_call(self, call: Call) -> None:
        """Keep what a call has changed; AwsError when local_aws is ending, because nothing can be kept any more."""
        for part in parts_of(call):
            kept = self._keepers[part](call) if part in self._keepers else self.keep(part)
            if not kept:
                raise AwsError("ServiceUnavailable", "local_aws is ending and keeps nothing any more.", status=503)

    def keep(self, part: str) -> bool:
        """Keep the records of a part as they are now; False when local_aws is ending."""
        if self._ending:
            return False
        if self._database is None or records.module_of_part(part) not in records.modules_in_use():
            return True
        with self._making:
            known = self._parts.setdefault(part, Part())
        return known.keep(lambda: self._write(part, whole=False))

    def restore(self) -> None:
        """Give moto its records back; ValueError when those of a part cannot be read."""
        if self._database is None:
            return
        saved = self._database.rows(RECORDS)
        for part in sorted(saved, key=lambda name: LAST.index(name) if name in LAST else -1):
            try:
                self._shelves[part] = records.restore(part, saved[part])
            except Exception as error:  # whatever a pickle of another version raises
                raise ValueError(f"{self._database.path}: the records of {part} cannot be read ({error!r}). {ANEW}") from error

    def close(self) -> None:
        """Keep all that is kept only here, and end: later changes are not kept."""
        self._ending = True
        if self._database is None:
            return
        for part in sorted((records.modules_in_use() | self._shelves.keys() | set(EVERY)) - self._keepers.keys()):
            try:
                self._write(part, whole=True)
            except Exception as error:  # a service of moto that cannot be pickled
                print(f"local_aws could not keep the records of {part}: {error!r}", file=sys.stderr)
        self._database.close()

    def _write(self, part: str, *, whole: bool) -> bool:
        assert self._database
        saved = records.save(part, self._shelves.get(part, {}), whole=whole)
        if part not in EVERY:
            load(saved)  # of the many other services of moto, some can be pickled and not be read again
        return self._database.write({(RECORDS, part): saved})


class Part:
    """The order of the writes of one part: a write that begins after several changes keeps all of them."""

    def __init__(self) -> None:
        self._counting, self._writing = threading.Lock(), threading.Lock()
        self._asked = self._kept = 0

    def keep(self, write: Callable[[], bool]) -> bool:
        with self._counting:
            self._asked += 1
            mine = self._asked
        with self._writing:
            if self._kept >= mine:
                return True
            covered = self._asked
            written = write()
            self._kept = covered
        return written

"""The database of the memory: one SQLite file with one row for each record.

A row is written before the call that changed it is answered. It then outlives the process, SIGKILL included; after a power cut the last
rows may be missing, and the file is whole. https://www.sqlite.org/pragma.html#pragma_synchronous
"""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

FILE = "memory.db"
FILES = (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")
STATE = 1  # changes with every class whose objects are kept, so that no record is read as what it is not
STAMP = {"state": STATE, "moto": version("moto"), "python": ".".join(map(str, sys.version_info[:2]))}
ANEW = "Delete its folder to begin with an empty account (`make clean` does), or start the version that wrote it"
TABLE = "CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, part TEXT, key TEXT, value BLOB, UNIQUE (part, key))"
WRITE = "INSERT INTO record (part, key, value) VALUES (?, ?, ?) ON CONFLICT (part, key) DO UPDATE SET value = excluded.value"
PAGES = 4096  # of the log that SQLite writes first; with its default of 1000 it would wait for the disk more often


class Database:
    """The rows of `memory.db` in a folder; ValueError when another version wrote the file, or another process uses it."""

    def __init__(self, folder: Path) -> None:
        self.path, self._lock, self._closed = folder / FILE, threading.Lock(), False
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))  # it holds the secrets of access keys
        self._connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=0)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ValueError(f"{self.path} cannot be read ({error}): another server uses it, or it is damaged. {ANEW}") from error

    def keys(self, part: str) -> list[str]:
        with self._lock:
            return [key for (key,) in self._connection.execute("SELECT key FROM record WHERE part = ?", [part])]

    def rows(self, part: str) -> dict[str, bytes]:
        """The rows of a part by their keys, in the order in which the keys were first written."""
        with self._lock:
            return dict(self._connection.execute("SELECT key, value FROM record WHERE part = ? ORDER BY id", [part]))

    def write(self, changes: Mapping[tuple[str, str], bytes | None]) -> bool:
        """Write these rows by (part, key), and delete those that are None, all together; False when the database is closed."""
        written = [(*key, value) for key, value in changes.items() if value is not None]
        deleted = [key for key, value in changes.items() if value is None]
        with self._lock:
            if self._closed:
                return False
            self._connection.execute("BEGIN")
            self._connection.executemany(WRITE, written)
            self._connection.executemany("DELETE FROM record WHERE part = ? AND key = ?", deleted)
            self._connection.execute("COMMIT")
        return True

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()

    def _open(self) -> None:
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", f"wal_autocheckpoint = {PAGES}"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute(TABLE)
        found = dict(self._connection.execute("SELECT part, value FROM record WHERE key = ?", ["stamp"])).get("")
        if found is None:
            self._connection.execute(WRITE, ("", "stamp", json.dumps(STAMP)))
        elif (stamp := json.loads(found)) != STAMP:
            self._connection.close()
            raise ValueError(f"{self.path} is of another version ({described(stamp)}), this one is {described(STAMP)}. {ANEW}")


def described(stamp: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in stamp.items())

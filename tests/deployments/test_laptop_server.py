"""Garbage that waits for SQLite must not keep the event loop from what SQLite waits for."""

import asyncio
import gc
import subprocess
import sys
import weakref
from pathlib import Path

import aiosqlite
import pytest

from deployments.laptop.stack import ROOT

BUSY_MS = 3000
SCENARIO = """
import asyncio, gc, sys, time
from pathlib import Path
from deployments.laptop import server
from tests.deployments.test_laptop_server import second_writer
beside, database = sys.argv[1] == "beside", Path(sys.argv[2])
server.START_SECONDS, server.SECONDS = 0.0, 0.1
gc.disable()
if beside:
    server.collect_on_thread()
    time.sleep(0.5)  # for what was there at the start
print(asyncio.run(second_writer(database, collect=not beside)))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("where", "outcome"), [("loop", "database is locked"), ("beside", "written")])
def test_only_garbage_collected_beside_the_loop_lets_both_writers_finish(where: str, outcome: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCENARIO, where, str(tmp_path / "prefect.db")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines()[-1:] == [outcome], done.stdout + done.stderr


async def second_writer(database: Path, *, collect: bool) -> str:
    """What becomes of a write that waits for another one, while the cursor of a failed statement is garbage.

    `collect` does it here, on the loop's thread, where Python might at any time.
    """
    async with connection(database) as first, connection(database) as second:
        for each in (first, second):
            await each.execute("PRAGMA journal_mode = WAL")
            await each.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        await first.execute("CREATE TABLE runs (id)")
        failures = await fail(second, first)
        failure = weakref.ref(failures[0])
        await first.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(second.execute("INSERT INTO runs VALUES (2)"))
        await asyncio.sleep(0.2)
        del failures
        if collect:
            gc.collect()
        else:
            await asyncio.sleep(1.0)
        await first.execute("COMMIT")
        try:
            await waiting
        except aiosqlite.OperationalError as error:
            return str(error)
        return "written" if failure() is None else "not collected"


def connection(database: Path) -> aiosqlite.Connection:
    return aiosqlite.connect(database, isolation_level=None)


async def fail(reader: aiosqlite.Connection, writer: aiosqlite.Connection) -> list[Exception]:
    """A cycle of list, exception and frame, in which hangs the cursor of a write that came too late for its snapshot."""
    failures: list[Exception] = []
    await reader.execute("BEGIN DEFERRED")
    await (await reader.execute("SELECT * FROM runs")).fetchall()
    await writer.execute("INSERT INTO runs VALUES (1)")
    cursor = await reader.cursor()
    try:
        await cursor.execute("INSERT INTO runs VALUES (2)")
    except aiosqlite.OperationalError as error:
        failures.append(error)
    await reader.rollback()
    assert [str(failure) for failure in failures] == ["database is locked"]
    return failures

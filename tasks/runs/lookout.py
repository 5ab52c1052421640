"""The look of a flow's process at its own run, every LOOK_SECONDS while it works: the server may believe something else about it.

A run that a person deletes ends as a cancelled run does. Prefect tells nobody about a deletion: the worker waits for the process, and the
process learns of it only when it sets its next state. https://github.com/PrefectHQ/prefect/blob/3.8.8/src/prefect/runner/_state_proposer.py

A run that was taken for dead goes on when its process lives, and only one process goes on.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from enum import Enum
from typing import Any
from uuid import UUID

import httpx
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling, Running

from tasks.runs.beside import beside, run_logger

LOOK_SECONDS = 15.0
SURE = 2  # times in a row that the server must not know the run: a server that just restarts may say so once


class Seen(Enum):
    """Answer of the server about a run to the process that works on it."""

    OURS = "it is this process's"
    DELETED = "there is no such run"
    CONTINUED = "another process continues it"
    UNKNOWN = "the server does not answer"


@contextmanager
def looking_out(flow: Flow[Any, Any]) -> Iterator[None]:
    """End the body as by SIGTERM when its flow run is deleted, then call the flow's `on_cancellation` hooks.

    When the server took the run for crashed, it is Running again; when another process continues it already, this process ends at once.
    Outside of a flow run, or in a thread where no signal arrives, this does nothing.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    ended, deleted = threading.Event(), threading.Event()
    threading.Thread(target=copy_context().run, args=(look_out, Lookout(run.id), ended, deleted), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        if deleted.is_set():
            run_logger().warning("This flow run was deleted: its work ends as after a cancellation")
            for hook in flow.on_cancellation_hooks:
                with beside("the hook of the cancellation"):
                    hook(flow, run, Cancelling(message="The flow run was deleted."))


class Lookout:
    """Looks at one run for the process that works on it."""

    def __init__(self, run: UUID) -> None:
        self._run = run
        self._count: int | None = None  # how often the run had begun when this process began, as the server counts

    def look(self) -> Seen:
        try:
            with get_client(sync_client=True) as client:
                return self._judge(client, client.read_flow_run(self._run))
        except ObjectNotFound:
            return Seen.DELETED
        except httpx.HTTPError:
            return Seen.UNKNOWN

    def _judge(self, client: SyncPrefectClient, run: FlowRun) -> Seen:
        if self._count is None:
            self._count = run.run_count
        assert run.state
        if run.run_count != self._count or run.state.is_scheduled() or run.state.is_pending():
            return Seen.CONTINUED
        if run.state.is_crashed():
            revived: OrchestrationResult[Any] = client.set_flow_run_state(
                run.id, Running(message="The process of the run lives: it was taken for dead")
            )
            self._count += revived.status == SetStateStatus.ACCEPT  # the server counts each time that a run enters Running
        return Seen.OURS


def look_out(lookout: Lookout, ended: threading.Event, deleted: threading.Event) -> None:
    """Look until the run has `ended`; once it is gone, set `deleted` and send this process SIGTERM."""
    missed = 0
    seen = lookout.look()
    while seen != Seen.CONTINUED and missed < SURE:
        if ended.wait(LOOK_SECONDS):
            return
        seen = lookout.look()
        missed = missed + 1 if seen == Seen.DELETED else 0
    if ended.is_set():
        return
    if seen == Seen.CONTINUED:
        run_logger().warning("Another process continues this flow run: this one ends, and leaves everything to it")
        os._exit(0)  # not an exception: Prefect would report that the run crashed, and a worker reports every other status
    deleted.set()
    os.kill(os.getpid(), signal.SIGTERM)  # Prefect raises its TerminationSignal in the main thread, whatever that does

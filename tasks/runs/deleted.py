"""A flow run that a person deletes while it works: it ends as a cancelled run does.

Prefect tells nobody about a deletion. The worker waits for the process, and the process learns of it only when it sets its next state:
https://github.com/PrefectHQ/prefect/blob/3.8.8/src/prefect/runner/_state_proposer.py
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any
from uuid import UUID

import httpx
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling

from tasks.runs.beside import beside, run_logger

LOOK_SECONDS = 15.0
SURE = 2  # times in a row that the server must not know the run: a server that just restarts may say so once


@contextmanager
def cancelled_when_deleted(flow: Flow[Any, Any]) -> Iterator[None]:
    """End the body as by SIGTERM when its flow run is deleted, then call the flow's `on_cancellation` hooks.

    Outside of a flow run, or in a thread where no signal arrives, this does nothing.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    ended, deleted = threading.Event(), threading.Event()
    threading.Thread(target=copy_context().run, args=(interrupt_when_deleted, run.id, ended, deleted), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        if deleted.is_set():
            run_logger().warning("This flow run was deleted: its work ends as after a cancellation")
            for hook in flow.on_cancellation_hooks:
                with beside("the hook of the cancellation"):
                    hook(flow, run, Cancelling(message="The flow run was deleted."))


def interrupt_when_deleted(run: UUID, ended: threading.Event, deleted: threading.Event) -> None:
    """Look for the run until it has `ended`; once it is gone, set `deleted` and send this process SIGTERM."""
    missed = 0
    while missed < SURE:
        if ended.wait(LOOK_SECONDS):
            return
        missed = missed + 1 if is_deleted(run) else 0
    if not ended.is_set():
        deleted.set()
        os.kill(os.getpid(), signal.SIGTERM)  # Prefect raises its TerminationSignal in the main thread, whatever that does


def is_deleted(run: UUID) -> bool:
    """Whether the server has no such run; a server that does not answer has not deleted it."""
    try:
        with get_client(sync_client=True) as client:
            client.read_flow_run(run)
    except ObjectNotFound:
        return True
    except httpx.HTTPError:
        return False
    return False

"""Work beside that of the run, such as a report or an announcement: its failure is never the reason why the run ends."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect import get_run_logger
from prefect.exceptions import MissingContextError
from prefect.logging import get_logger

Logger = logging.Logger | logging.LoggerAdapter[Any]


@contextmanager
def beside(what: str, first: BaseException | None = None) -> Iterator[None]:
    """Log an error of the body and go on; `first`, the error that ends the run, keeps it as a note."""
    try:
        yield
    except Exception as error:  # whatever it is, the run ends as it would have ended without this work
        run_logger().exception(f"{what[:1].upper()}{what[1:]} failed; the run ends as it would have ended without it")
        if first is not None:
            first.add_note(f"{what} failed too: {type(error).__name__}: {error}")


def run_logger() -> Logger:
    """The logger of the task run or flow run; outside of a run Prefect's own."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger()

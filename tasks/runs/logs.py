"""The log lines of the library, in the log of the flow run that calls it."""

import logging

from prefect import get_run_logger
from prefect.exceptions import MissingContextError


class RunLog(logging.Handler):
    """Passes each line to the logger of the task run or flow run in its thread."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            logger = get_run_logger()
        except MissingContextError:
            return  # outside of a run, or in a thread pool of the library
        logger.log(record.levelno, record.getMessage())


def pass_on_logs() -> None:
    """Pass the log lines of the library to the run from now on; a second call changes nothing."""
    logger = logging.getLogger("pedigree")
    if not any(isinstance(handler, RunLog) for handler in logger.handlers):
        logger.addHandler(RunLog())
        logger.setLevel(logging.INFO)
        logger.propagate = False  # the root logger would write each line a second time

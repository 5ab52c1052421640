"""The library's log lines, in the log of the flow run that calls it."""

import logging

from prefect import get_run_logger
from prefect.exceptions import MissingContextError


class RunLog(logging.Handler):
    """Passes each line on to the logger of the task or flow run that is under way in its thread."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            logger = get_run_logger()
        except MissingContextError:
            return  # no run, or a thread pool of the library's own
        logger.log(record.levelno, record.getMessage())


def pass_on_logs() -> None:
    """From now on; doing it again changes nothing."""
    logger = logging.getLogger("pedigree")
    if not any(isinstance(handler, RunLog) for handler in logger.handlers):
        logger.addHandler(RunLog())
        logger.setLevel(logging.INFO)
        logger.propagate = False  # the root logger would write each line a second time

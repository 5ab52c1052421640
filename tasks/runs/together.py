"""Many calls of one task at the same time."""

from collections.abc import Iterable
from typing import Any

from prefect.exceptions import TerminationSignal
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from pedigree.aws.waiting import giving_up


def run_side_by_side(task: Any, varied: str, values: Iterable[Any], *, at_once: int, **shared: Any) -> list[Any]:
    """Call the task once for each value of its argument `varied`, and return the results in order.

    After an error, running calls end and no new call begins. A cancelled run does not wait: its hook stops the jobs that it
    started, or the resumed run adopts them.
    """
    runner: ThreadPoolTaskRunner[Any]
    with giving_up() as given_up, ThreadPoolTaskRunner(max_workers=at_once) as runner:
        begun: list[PrefectFuture[Any]] = [runner.submit(task, {**shared, varied: value}) for value in values]
        try:
            for ended in as_completed(begun):
                ended.result()
        except (TerminationSignal, KeyboardInterrupt):
            given_up.set()
            raise
        return [each.result() for each in begun]

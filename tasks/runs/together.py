"""Many calls of one task side by side."""

from collections.abc import Iterable
from typing import Any

from prefect.exceptions import TerminationSignal
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from pedigree.aws.waiting import giving_up


def run_side_by_side(task: Any, varied: str, values: Iterable[Any], *, at_once: int, **shared: Any) -> list[Any]:
    """What the task gives with each of the values as its argument `varied`, in their order.

    An error lets those under way come to their end and begins no more. A run that is cancelled waits for nothing: what it
    started is stopped by its hook, or adopted when it is resumed.
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

"""When Prefect tries a task again: where that can help, and nowhere else."""

from typing import Any, TypedDict

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from tasks.aws.errors import may_pass


class Retries(TypedDict):
    retries: int
    retry_delay_seconds: list[float]
    retry_condition_fn: Any


def failed_by_what_may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's retry condition: the state holds the exception."""
    return isinstance(state.data, BaseException) and may_pass(state.data)


RETRIES = Retries(retries=3, retry_delay_seconds=[2, 10, 30], retry_condition_fn=failed_by_what_may_pass)

"""The Prefect options of tasks: no cache, and for those that call AWS retries, only for errors that may pass."""

from typing import Any, TypedDict

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun

from pedigree.aws.errors import may_pass


class PlainOptions(TypedDict):
    cache_policy: CachePolicy
    persist_result: bool


class TaskOptions(PlainOptions):
    retries: int
    retry_delay_seconds: list[float]
    retry_condition_fn: Any


def failed_by_what_may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's retry condition; the state holds the exception."""
    return isinstance(state.data, BaseException) and may_pass(state.data)


PLAIN_TASK = PlainOptions(
    cache_policy=NO_CACHE,  # the state of AWS is read again each time, never cached; and not every value can be hashed for a key
    persist_result=False,  # also in a flow that keeps its own result
)
AWS_TASK = TaskOptions(
    retries=3,
    retry_delay_seconds=[2, 10, 30],
    retry_condition_fn=failed_by_what_may_pass,
    **PLAIN_TASK,
)

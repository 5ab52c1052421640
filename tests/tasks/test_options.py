"""Prefect tries a task of ours again where that can help, and nowhere else."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from prefect.states import Failed

from pedigree.aws.errors import JobFailed
from tasks.runs.options import AWS_TASK, failed_by_what_may_pass
from tasks.training import train_model

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "Call")


@pytest.mark.parametrize(
    ("error", "again"), [(THROTTLED, True), (ConnectTimeoutError(endpoint_url="x"), True), (JobFailed("a", "b", "c", "d"), False)]
)
def test_the_condition_looks_at_the_exception(error: Exception, *, again: bool) -> None:
    assert failed_by_what_may_pass(train_model, None, Failed(data=error)) is again  # type: ignore[arg-type]


def test_tasks_are_made_with_it() -> None:
    assert train_model.retry_condition_fn is failed_by_what_may_pass
    assert train_model.retries == AWS_TASK["retries"]

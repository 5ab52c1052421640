"""The task that fetches the pictures of the sample predictions."""

from prefect import task

from tasks.aws.clients import client
from tasks.aws.tasking import AWS_TASK
from tasks.report.record import Record
from tasks.training.result import read_output
from tasks.values import Account


@task(name="read samples", **AWS_TASK)
def read_samples(account: Account, record: Record) -> dict[str, bytes]:
    """{name in the job's output: JPEG} of the run's training job; empty where the run has none."""
    if "training" not in record.values:
        return {}
    output = read_output(client(account.credentials, "s3"), record.values["training"].artifact)
    return {sample["image"]: output[sample["image"]] for sample in record.values["training"].evaluation.samples}

"""Messages to people, through the SNS topic."""

from prefect import task

from pedigree.aws import topic
from pedigree.values import Account
from tasks.runs.options import AWS_TASK


@task(name="publish message", **AWS_TASK)
def publish_message(account: Account, subject: str, message: str) -> str:
    """Publish the message and return its id; subject and text are cut to the limits of SNS."""
    return topic.publish_message(account, subject, message)

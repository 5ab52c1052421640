"""Messages to people, through the SNS topic."""

from prefect import task

from pedigree.aws import topic
from pedigree.values import Account
from tasks.runs.options import AWS_TASK


@task(name="publish message", **AWS_TASK)
def publish_message(account: Account, subject: str, message: str) -> str:
    """Id of the message, whose subject and text are cut to what SNS takes."""
    return topic.publish_message(account, subject, message)

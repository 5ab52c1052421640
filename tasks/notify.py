"""Messages to people, through the SNS topic."""

from prefect import task

from pedigree.aws import topic
from pedigree.values import Account
from tasks.runs.announce import with_address
from tasks.runs.options import AWS_TASK


@task(name="publish message", **AWS_TASK)
def publish_message(account: Account, subject: str, message: str, about: str | None = None) -> str:
    """Publish the message, with the address of the run that it is `about`, and return its id; it is cut to the limits of SNS."""
    return topic.publish_message(account, subject, with_address(message, about))

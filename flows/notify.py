"""Tell people, through the SNS topic of the account; Prefect automations run it on what they should hear.

prefect deployment run notify/local -p subject="Hello" -p message="A test of the topic."
"""

from typing import Annotated

from pedigree.settings import Environment
from tasks.account import find_account
from tasks.notify import publish_message
from tasks.runs.forms import shown
from tasks.runs.parameters import flow


@flow(name="notify", flow_run_name="{subject}")
def notify(
    subject: Annotated[str, shown("Subject", "One line; an e-mail shows at most 99 characters of it.")],
    message: Annotated[str, shown("Message", "What people read.")],
    environment: Environment = Environment(),
) -> None:
    """Publish the message to the project's topic. Subscribe an address to the topic to receive it."""
    publish_message(find_account(environment), subject, message)

"""Send a message to people through the project's SNS topic; Prefect automations run this flow when something happens.

prefect deployment run notify/local -p subject="Hello" -p message="A test of the topic."
"""

from typing import Annotated

from pedigree.settings import Environment
from tasks.account import find_account
from tasks.notify import publish_message
from tasks.runs.forms import EnvironmentGroup, shown
from tasks.runs.parameters import flow


@flow(name="notify", flow_run_name="{subject}")
def notify(
    subject: Annotated[str, shown("Subject", "One line; an e-mail shows its first 99 characters.")],
    message: Annotated[str, shown("Message", "The text of the message.")],
    *,
    about: Annotated[str | None, shown("About", "Id of the flow run whose address the message ends with.")] = None,
    environment: EnvironmentGroup = Environment(),
) -> None:
    """Publish a message to the project's SNS topic. To receive messages, subscribe an address to the topic."""
    publish_message(find_account(environment), subject, message, about)

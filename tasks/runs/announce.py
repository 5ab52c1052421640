"""Announcements as Prefect events: automations decide who gets them and how."""

from typing import Any, Literal

from prefect import runtime
from prefect.events import emit_event
from prefect.utilities.urls import url_for

from pedigree.values import Account

Happening = Literal["promoted", "rolled-back", "budget-exceeded", "approval-wanted"]


def announce(account: Account, event: Happening, *, subject: str, message: str, **labels: Any) -> None:
    """Emit the event `pedigree.<event>` about the project; within a run Prefect relates it to the run.

    The payload holds subject, message and labels, which are plain data; the message ends with the address of the run.
    Automations pass them on to the flows `notify` and `approve`.
    """
    emit_event(
        f"pedigree.{event}",
        resource={
            "prefect.resource.id": f"pedigree.project.{account.project}",
            "prefect.resource.name": account.project,
            "pedigree.credentials": account.credentials,
        },
        payload={"subject": subject, "message": with_address(message, runtime.flow_run.get_id()), **labels},
    )


def with_address(message: str, run: str | None) -> str:
    """The message with the address of a flow run in the Prefect UI, or its id where the address of the UI is not known."""
    return f"{message}\n\nFlow run: {url_for('flow-run', obj_id=run) or run}" if run else message

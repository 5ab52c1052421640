"""Announcements as Prefect events: automations decide who gets them and how."""

from typing import Any, Literal

from prefect.events import emit_event

from pedigree.values import Account

Happening = Literal["promoted", "rolled-back", "budget-exceeded", "approval-wanted"]


def announce(account: Account, event: Happening, *, subject: str, message: str, **labels: Any) -> None:
    """Emit the event `pedigree.<event>` about the project; within a run Prefect relates it to the run.

    The payload holds subject, message and labels, which are plain data. Automations pass them on to the flows `notify` and `approve`.
    """
    emit_event(
        f"pedigree.{event}",
        resource={
            "prefect.resource.id": f"pedigree.project.{account.project}",
            "prefect.resource.name": account.project,
            "pedigree.credentials": account.credentials,
        },
        payload={"subject": subject, "message": message, **labels},
    )

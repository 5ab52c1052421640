"""How a training on EC2 stands: every meaning of instance, command and S3 taken together."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pedigree.training.ec2.state import AGENT_WITHIN, Seen, billed_seconds, ending

LAUNCHED = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
RUNNING = {"State": {"Name": "running"}}
BY_A_PERSON = {"State": {"Name": "terminated"}, "StateReason": {"Code": "Client.UserInitiatedShutdown"}}
BY_AWS = {"State": {"Name": "shutting-down"}, "StateReason": {"Code": "Server.SpotInstanceTermination", "Message": "taken back"}}
STOPPED = {"State": {"Name": "stopped"}, "StateReason": {"Code": "Client.InstanceInitiatedShutdown"}}


def command(status: str, details: str = "") -> dict[str, str]:
    return {"Status": status, "StatusDetails": details or status}


def seen(
    instance: dict[str, Any] | None,
    told: dict[str, str] | None,
    *,
    model: bool = False,
    failure: str = "",
    after: timedelta = timedelta(minutes=5),
) -> Seen:
    return Seen(LAUNCHED, instance, told, lambda: model, lambda: failure, LAUNCHED + after)


@pytest.mark.parametrize(
    "now",
    [
        seen(None, None, after=timedelta(seconds=30)),
        seen({"State": {"Name": "pending"}}, None),
        seen(RUNNING, None, after=AGENT_WITHIN),
        seen(RUNNING, command("InProgress"), after=timedelta(days=1)),
        seen(RUNNING, command("Pending")),
        seen(RUNNING, command("Cancelling")),
        seen(RUNNING, command("InProgress"), model=True),
    ],
    ids=["not listed yet", "booting", "no agent yet", "running", "not delivered yet", "cancelling", "about to end"],
)
def test_it_goes_on(now: Seen) -> None:
    assert ending(now) is None


@pytest.mark.parametrize(
    ("now", "status", "reason"),
    [
        (seen(RUNNING, command("Success"), model=True), "Completed", ""),
        (seen(RUNNING, command("Success")), "Failed", "AlgorithmError: the command ended well and left no model"),
        (seen(RUNNING, command("Failed"), failure="ValueError: no"), "Failed", "AlgorithmError: ValueError: no"),
        (seen(RUNNING, command("Failed")), "Failed", "AlgorithmError: the command failed and left no reason"),
        (seen(RUNNING, command("TimedOut", "ExecutionTimedOut")), "Stopped", ""),
        (seen(RUNNING, command("TimedOut", "DeliveryTimedOut")), "Failed", "InternalServerError: the command did not reach"),
        (seen(RUNNING, command("Cancelled")), "Stopped", ""),
        (seen(BY_AWS, command("InProgress")), "Failed", "CapacityError: AWS ended the instance: taken back"),
        (seen(BY_AWS, command("InProgress"), model=True), "Completed", ""),
        (seen(BY_A_PERSON, command("InProgress")), "Stopped", ""),
        (seen(STOPPED, command("InProgress")), "Stopped", ""),
        (seen(BY_A_PERSON, command("Success"), model=True), "Completed", ""),
        (seen(None, None), "Failed", "CapacityError"),
        (seen(None, None, model=True), "Completed", ""),
        (
            seen(RUNNING, None, after=2 * AGENT_WITHIN),
            "Failed",
            "AlgorithmError: the SSM agent of the instance did not come online within 15",
        ),
    ],
)
def test_it_ended(now: Seen, status: str, reason: str) -> None:
    ended = ending(now)
    assert ended is not None
    assert ended["TrainingJobStatus"] == status
    assert ended.get("FailureReason", "").startswith(reason)


def test_an_instance_is_billed_until_it_was_terminated_and_for_a_minute_at_least() -> None:
    gone = BY_A_PERSON | {"StateTransitionReason": "User initiated (2026-01-05 02:10:00 GMT)"}
    ended = ending(seen(gone, command("Success"), model=True, after=timedelta(hours=3)))
    assert ended is not None
    assert ended["BillableTimeInSeconds"] == 600
    assert billed_seconds(LAUNCHED, LAUNCHED + timedelta(seconds=5)) == 60

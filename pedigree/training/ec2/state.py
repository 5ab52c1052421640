"""How a training on EC2 stands, in the words of DescribeTrainingJob: what its instance, its command and S3 say, taken together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

ALIVE = ("pending", "running")
LISTED_WITHIN = timedelta(minutes=1)  # DescribeInstances may not know a new instance yet
AGENT_WITHIN = timedelta(minutes=15)
BILLED_AT_LEAST = 60  # seconds of a Linux instance
ENDED_AT = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")
NO_AGENT = (
    f"the SSM agent of the instance did not come online within {AGENT_WITHIN.seconds // 60} minutes: "
    "its subnet needs a way to the internet, and its role the rights that the bootstrap stack gives it"
)
Description = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """The state of a training at one moment; a field is None when its resource does not exist.

    `has_model` says whether the artifact is there, `failure` what the script left: both are asked of S3, at the end only.
    """

    launched: datetime
    instance: Mapping[str, Any] | None
    command: Mapping[str, Any] | None
    has_model: Callable[[], bool]
    failure: Callable[[], str]
    now: datetime

    @property
    def is_alive(self) -> bool:
        if self.instance is None:
            return self.now - self.launched < LISTED_WITHIN
        return self.instance["State"]["Name"] in ALIVE

    @property
    def gone_at(self) -> datetime | None:
        """When the instance was terminated, as far as EC2 says it."""
        found = ENDED_AT.search((self.instance or {}).get("StateTransitionReason", ""))
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None


def ending(seen: Seen) -> Description | None:
    """How it ended: status, reason, and the seconds that are billed; None while it goes on."""
    status = ending_of_command(seen) or (None if seen.is_alive else ending_of_instance(seen)) or ending_of_silence(seen)
    return status and {**status, "BillableTimeInSeconds": billed_seconds(seen.launched, seen.gone_at or seen.now)}


def ending_of_command(seen: Seen) -> Description | None:
    match seen.command and (seen.command["Status"], seen.command["StatusDetails"]):
        case ("Success", _):
            return completed() if seen.has_model() else failed("AlgorithmError: the command ended well and left no model")
        case ("Failed", _):
            return failed(f"AlgorithmError: {seen.failure() or 'the command failed and left no reason'}")
        case ("TimedOut", "ExecutionTimedOut" | "Execution Timed Out"):
            return stopped("MaxRuntimeExceeded")
        case ("TimedOut", details):
            return failed(f"InternalServerError: the command did not reach the instance: {details}")
        case ("Cancelled", _):
            return stopped("Stopped")
    return None


def ending_of_instance(seen: Seen) -> Description:
    """How the job ended whose instance is gone, because AWS or a person terminated it."""
    if seen.has_model():
        return completed()
    reason = (seen.instance or {}).get("StateReason", {})
    if reason.get("Code", "Server").startswith("Server"):
        return failed(f"CapacityError: AWS ended the instance: {reason.get('Message', 'nothing more is known')}")
    return stopped("Stopped")


def ending_of_silence(seen: Seen) -> Description | None:
    waited = seen.now - seen.launched > AGENT_WITHIN
    return failed(f"AlgorithmError: {NO_AGENT}") if seen.is_alive and seen.command is None and waited else None


def completed() -> Description:
    return {"TrainingJobStatus": "Completed", "SecondaryStatus": "Completed"}


def failed(reason: str) -> Description:
    return {"TrainingJobStatus": "Failed", "SecondaryStatus": "Failed", "FailureReason": reason}


def stopped(how: str) -> Description:
    return {"TrainingJobStatus": "Stopped", "SecondaryStatus": how}


def billed_seconds(launched: datetime, until: datetime) -> int:
    return max(BILLED_AT_LEAST, round((until - launched).total_seconds()))

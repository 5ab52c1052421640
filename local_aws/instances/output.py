"""The copy of a command's output in CloudWatch Logs, written with the rights of the instance's role."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from local_aws.cloud import Cloud
from local_aws.instances.command import DOCUMENT, Command

GROUP = f"/aws/ssm/{DOCUMENT}"  # the default log group


def log_writer(cloud: Cloud, command: Command) -> Callable[[str], None]:
    """Make a function that writes a line; as with AWS's agent, lines that the role may not write are lost silently."""
    config = command.spec.get("CloudWatchOutputConfig", {})
    if not config.get("CloudWatchOutputEnabled"):
        return lambda _line: None
    logs = cloud.client("logs", command.machine.credentials)
    where = {
        "logGroupName": config.get("CloudWatchLogGroupName", GROUP),
        "logStreamName": f"{command.id}/{command.machine.id}/aws-runShellScript/stdout",
    }
    writable = make_stream(logs, where)

    def write(line: str) -> None:
        event = {"timestamp": time.time_ns() // 1_000_000, "message": line or " "}  # AWS refuses an empty message
        if writable:
            attempt(logs.put_log_events, **where, logEvents=[event])

    return write


def make_stream(logs: Any, where: Mapping[str, str]) -> bool:
    """Create the log stream and its group; return whether the stream exists."""
    if attempt(logs.create_log_stream, **where):
        return True
    return attempt(logs.create_log_group, logGroupName=where["logGroupName"]) and attempt(logs.create_log_stream, **where)


def attempt(call: Callable[..., object], **parameters: Any) -> bool:
    try:
        call(**parameters)
    except ClientError:
        return False
    return True

"""Log groups: how long they keep their lines, and the lines of a job, copied to the log of the flow run while the job runs."""

import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.adoption import settled_by
from pedigree.aws.clients import CloudWatchLogsClient, client
from pedigree.aws.errors import AwsDenied, is_missing
from pedigree.values import Account

LOG = logging.getLogger(__name__)
KEPT = 40  # last lines, for the message of a failure: a traceback through the script and a library, whole


def limit_logs(account: Account, group: str, *, shared: bool = False) -> None:
    """Let a group, which is made where there is none, delete its lines after `environment.log_days`.

    A group that is `shared` with other projects of the account keeps the days that somebody has set. Without the right, which a
    bootstrap stack from before this was done does not give, a warning says so.
    """
    logs = client(account.credentials, "logs")
    try:
        found = find_group(logs, group)
        if found is None:
            with settled_by(lambda: find_group(logs, group) is not None):
                logs.create_log_group(logGroupName=group)
        days = found.get("retentionInDays") if found else None
        if days is None or (days != account.log_days and not shared):
            logs.put_retention_policy(logGroupName=group, retentionInDays=account.log_days)
    except AwsDenied as error:
        LOG.warning(f"{group} may keep its lines for ever: deploy the bootstrap stack again, which allows to limit them ({error.cause})")


def endpoint_log(endpoint: str) -> str:
    """The group to which SageMaker writes the lines of an endpoint's containers."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def find_group(logs: CloudWatchLogsClient, group: str) -> Mapping[str, Any] | None:
    """The description of the group; others may have names that begin like it, and the shortest comes first."""
    found = logs.describe_log_groups(logGroupNamePrefix=group, limit=1)["logGroups"]
    return next((each for each in found if each["logGroupName"] == group), None)


class LogTail:
    """Reads the CloudWatch streams `<prefix>...` of a group, each line once; `last` keeps the newest lines."""

    def __init__(self, logs: CloudWatchLogsClient, group: str, prefix: str) -> None:
        self._logs, self._group, self._prefix = logs, group, prefix
        self._tokens: dict[str, str] = {}
        self.last: deque[str] = deque(maxlen=KEPT)

    def pass_on(self) -> list[str]:
        """The lines since the last call."""
        lines = self.read()
        for line in lines:
            LOG.info(line)
        return lines

    def read(self) -> list[str]:
        """The same without a line in our log."""
        lines = [line for stream in self._streams() for line in self._new_lines(stream)]
        self.last.extend(lines)
        return lines

    def _streams(self) -> list[str]:
        try:
            found = self._logs.describe_log_streams(logGroupName=self._group, logStreamNamePrefix=self._prefix)
        except ClientError as error:
            if is_missing(error):
                return []  # the group is made with the first line
            raise
        return [stream["logStreamName"] for stream in found["logStreams"]]

    def _new_lines(self, stream: str) -> list[str]:
        place: dict[str, Any] = {"nextToken": self._tokens[stream]} if stream in self._tokens else {}
        events = self._logs.get_log_events(logGroupName=self._group, logStreamName=stream, startFromHead=True, **place)
        self._tokens[stream] = events["nextForwardToken"]
        return [event["message"] for event in events["events"]]

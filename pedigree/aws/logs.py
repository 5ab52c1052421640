"""The log lines of a job, copied to the log of the flow run while the job runs."""

import logging
from collections import deque
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import CloudWatchLogsClient
from pedigree.aws.errors import is_missing

LOG = logging.getLogger(__name__)
KEPT = 40  # last lines, for the message of a failure: a traceback through the script and a library, whole


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

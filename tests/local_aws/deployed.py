"""A Lambda function in the embedded AWS, with what tests ask of it."""

import base64
import io
import json
import os
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from tests.lab.running_aws import RunningAws, allow

LAMBDA = {"Service": "lambda.amazonaws.com"}
ONCE = Config(retries={"total_max_attempts": 1}, max_pool_connections=20, read_timeout=60)

# Waits for a file that the test makes, so that a test decides how long an invocation lasts.
HELD = """
import os, time
def handler(event, context):
    while not os.path.exists(event["until"]):
        time.sleep(0.01)
    return os.getpid()
"""


@dataclass(frozen=True)
class Invoked:
    """`log` is the tail that LogType=Tail returned, `error` the FunctionError or ""."""

    payload: Any
    error: str
    version: str
    log: str


@dataclass(frozen=True)
class Deployed:
    client: Any
    logs: Any
    name: str

    @classmethod
    def create(cls, aws: RunningAws, source: str | bytes, **settings: Any) -> "Deployed":
        """A function of a source text, or of a whole zip."""
        archive = zip_of(source) if isinstance(source, str) else source
        function = cls(aws.client("lambda", config=ONCE), aws.client("logs"), f"function-{uuid.uuid4().hex[:8]}")
        basics = {
            "Runtime": "python3.11",
            "Handler": "main.handler",
            "Role": aws.make_role(allow("logs:*", "*"), trusts=LAMBDA),
            "Timeout": 30,
        }
        function.client.create_function(FunctionName=function.name, Code={"ZipFile": archive}, **{**basics, **settings})
        return function

    def invoke(self, event: Any = None, qualifier: str = "", **settings: Any) -> Invoked:
        chosen = {"Qualifier": qualifier} if qualifier else {}
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event), LogType="Tail", **chosen, **settings)
        payload = json.loads(answer["Payload"].read())
        return Invoked(payload, answer.get("FunctionError", ""), answer["ExecutedVersion"], base64.b64decode(answer["LogResult"]).decode())

    def publish(self) -> str:
        return str(self.client.publish_version(FunctionName=self.name)["Version"])

    def change(self, source: str) -> None:
        self.client.update_function_code(FunctionName=self.name, ZipFile=zip_of(source))
        self.settle()

    def configure(self, **changes: Any) -> None:
        self.client.update_function_configuration(FunctionName=self.name, **changes)
        self.settle()

    def settle(self) -> None:
        """Wait until a change is applied: a second one is refused meanwhile."""
        wait_until(lambda: self.client.get_function_configuration(FunctionName=self.name)["LastUpdateStatus"] == "Successful")

    def provision(self, qualifier: str, number: int) -> dict[str, Any]:
        """The config once it is no longer IN_PROGRESS."""
        self.client.put_provisioned_concurrency_config(FunctionName=self.name, Qualifier=qualifier, ProvisionedConcurrentExecutions=number)
        wait_until(lambda: self.provisioned(qualifier)["Status"] != "IN_PROGRESS")
        return self.provisioned(qualifier)

    def provisioned(self, qualifier: str) -> dict[str, Any]:
        config: dict[str, Any] = self.client.get_provisioned_concurrency_config(FunctionName=self.name, Qualifier=qualifier)
        return config

    def log_lines(self) -> Iterator[str]:
        group = f"/aws/lambda/{self.name}"
        for stream in self.logs.describe_log_streams(logGroupName=group)["logStreams"]:
            for event in self.logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)["events"]:
                yield event["message"]

    def delete(self) -> None:
        self.client.delete_function(FunctionName=self.name)


Deployer = Callable[..., Deployed]


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not happen"
        time.sleep(0.02)


def running(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def zip_of(source: str) -> bytes:
    """A zip of `main.py`, the same whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py"), source)
    return buffer.getvalue()

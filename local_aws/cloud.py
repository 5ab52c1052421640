"""The account that all services of the embedded AWS share: its region, moto's records, and clients with the rights of a role."""

import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from moto.backends import get_backend

from local_aws.loops import Loops
from local_aws.memory.memory import Memory
from local_aws.pace import Pace
from local_aws.series import MetricStore, Series
from local_aws.sessions import Sessions
from local_aws.stack_secrets import Secrets

ACCOUNT = "123456789012"
REGION = "us-east-1"
GLOBAL = frozenset({"s3", "iam", "sts"})  # moto keeps these services per partition, not per region
_MAKING = threading.Lock()  # boto3's default session makes one client at a time, and moto one log stream


@dataclass(frozen=True)
class Cloud:
    """One embedded account in one region; `state` is the folder for all files on disk."""

    url: str
    state: Path
    account: str = ACCOUNT
    region: str = REGION
    secrets: Secrets = field(default_factory=Secrets)
    memory: Memory = field(default_factory=Memory)
    pace: Pace = field(default_factory=Pace)
    loops: Loops = field(default_factory=Loops)
    sessions: Sessions = field(init=False)
    metrics: MetricStore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sessions", Sessions(self.memory.rows("sessions")))
        object.__setattr__(self, "metrics", MetricStore(self.pace, self.memory.shelf("metrics", "data", dict)))

    def books(self, service: str) -> Any:
        """moto's backend of a service, which holds its records."""
        backend: Any = get_backend  # its types accept literal names only
        return backend(service)[self.account]["aws" if service in GLOBAL else self.region]

    def books_in_use(self, module: str) -> Any:
        """moto's backend of one of its modules; None when nobody has asked for it yet, so that it holds no records."""
        return self.books(module) if f"moto.{module}.models" in sys.modules else None

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def client(self, service: str, credentials: Mapping[str, str]) -> Any:
        """A boto3 client of this cloud for `AWS_*` credentials, such as `assume_execution_role` gives."""
        make: Any = boto3.client  # the stubs declare one signature for each service
        with _MAKING:
            return make(
                service,
                endpoint_url=self.url,
                region_name=self.region,
                aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
                aws_session_token=credentials["AWS_SESSION_TOKEN"],
            )

    def log(self, group: str, stream: str) -> "LogStream":
        return LogStream(self.books("logs"), group, stream)

    def put_metric(self, namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> None:
        self.metrics.put(Series.of(namespace, name, dimensions), [value], unit=unit)


class LogStream:
    """One CloudWatch Logs stream, made on first use; `write` adds a line with the current time."""

    def __init__(self, logs: Any, group: str, stream: str) -> None:
        self._logs, self.group, self.stream = logs, group, stream
        with _MAKING:
            if group not in logs.groups:
                logs.create_log_group(group, {})
            if stream not in logs.groups[group].streams:
                logs.create_log_stream(group, stream)

    def write(self, line: str) -> None:
        event = {"timestamp": time.time_ns() // 1_000_000, "message": line or " "}  # AWS refuses an empty message
        self._logs.put_log_events(self.group, self.stream, [event])

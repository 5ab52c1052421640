"""A real `python -m local_aws` for tests, and the few things every test asks of it."""

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO
from urllib.request import Request, urlopen

import boto3

from local_aws.cloud import REGION
from local_aws.journal import Entry, journal_end, read_journal
from local_aws.stack_secrets import FILE, Secrets
from tests.lab.processes import PATIENCE

ANYONE_HERE = {"AWS": "arn:aws:iam::123456789012:root"}


@dataclass(frozen=True)
class RunningAws:
    """One server: clients as an administrator or as a role, its journal and its faults."""

    url: str
    state: Path
    process: subprocess.Popen[str]

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets.read(self.state / FILE)

    @property
    def root(self) -> dict[str, str]:
        """`AWS_*` credentials of the account's root."""
        return {"AWS_ACCESS_KEY_ID": self.secrets.root_key_id, "AWS_SECRET_ACCESS_KEY": self.secrets.root_secret}

    @cached_property
    def admin(self) -> dict[str, str]:
        """`AWS_*` credentials of a user who may do everything."""
        iam = self.client("iam", self.root)
        iam.create_user(UserName="admin")
        iam.attach_user_policy(UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        key = iam.create_access_key(UserName="admin")["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def client(self, service: str, credentials: Mapping[str, str] | None = None, **options: Any) -> Any:
        """A boto3 client, of the administrator unless `credentials` (see `assume`) say otherwise."""
        credentials = credentials or self.admin
        session: Any = boto3.session.Session()  # the stubs know one signature a service
        return session.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
            **options,
        )

    def make_role(self, *statements: Mapping[str, Any], trusts: Mapping[str, Any] = ANYONE_HERE, name: str = "") -> str:
        """ARN of a new role with these statements as its only policy."""
        name = name or f"role-{uuid.uuid4().hex[:12]}"
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": trusts, "Action": "sts:AssumeRole"}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=document(*statements))
        return str(role["Role"]["Arn"])

    def assume(self, role_arn: str) -> dict[str, str]:
        """`AWS_*` credentials of a fresh session of the role."""
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
        }

    def as_role(self, *statements: Mapping[str, Any]) -> dict[str, str]:
        """Credentials of a new role that may do what the statements say."""
        return self.assume(self.make_role(*statements))

    def make_bucket(self) -> str:
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        self.client("s3").create_bucket(Bucket=name)
        return name

    def journal(self, start: int = 0) -> list[Entry]:
        """All entries, or those after `start`, an earlier `journal_size`: the journal of a session is long."""
        return list(read_journal(self.state / "journal.jsonl", start))

    def journal_size(self) -> int:
        return journal_end(self.state / "journal.jsonl")

    def add_fault(self, service: str, operation: str, **fields: Any) -> str:
        """Id of a fault (the fields of `local_aws.faults.Fault`) that now waits to strike."""
        return str(self.control("POST", "faults", {"service": service, "operation": operation, **fields})["id"])

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.secrets.control_header}
        with urlopen(Request(f"{self.url}/_local_aws/{path}", data=data, headers=headers, method=method), timeout=10) as response:
            return json.load(response)


@contextmanager
def running_aws(errors: TextIO | None = None) -> Iterator[RunningAws]:
    """A server on a free port with a state folder of its own, ended afterwards; `errors` takes its error output."""
    with tempfile.TemporaryDirectory() as folder:
        aws = start_aws(Path(folder) / "state", errors=errors)
        try:
            yield aws
        finally:
            end(aws.process)


def start_aws(state: Path, port: int = 0, errors: TextIO | None = None) -> RunningAws:
    """A server, by default on a free port, which goes on with the state in this folder; `errors` takes its error output."""
    command = [sys.executable, "-m", "local_aws", "--port", str(port), "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    ready = process.stdout.readline()
    if not ready.startswith("local_aws ready on "):
        end(process)
        raise AssertionError(f"local_aws did not start: {ready!r}")
    return RunningAws(ready.split()[-1], state, process)


def end(process: subprocess.Popen[str]) -> None:
    """SIGTERM; a process that does not heed it is an error, and is killed."""
    process.terminate()
    try:
        process.wait(timeout=PATIENCE)
    finally:
        process.kill()
        if process.stdout:
            process.stdout.close()


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


CONTAINER = {  # what the role of any SageMaker container needs beside its data
    "Effect": "Allow",
    "Action": [
        *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"),
        *("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    ],
    "Resource": "*",
}


def deny(action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}

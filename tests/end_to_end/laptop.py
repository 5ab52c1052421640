"""A whole stack of its own, run by the very commands a person types, and what tests ask of it."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
import pytest

from deployments.laptop.prefect_api import PrefectApi
from deployments.laptop.progress import follow
from deployments.laptop.services import aws_secrets
from deployments.laptop.stack import ROOT, Stack
from local_aws.journal import Entry, read_journal


@dataclass(frozen=True)
class Run:
    """One `make run`: its exit status, what it printed, and the report it left."""

    status: int
    output: str
    report: dict[str, Any]
    journal: list[Entry]

    def outcomes(self) -> dict[str, str | None]:
        """What was done at each stage; its status where it was not completed."""
        return {stage["name"]: stage["outcome"] or stage["status"] for stage in self.report["stages"]}

    def writes(self) -> set[str]:
        return writes(self.journal)


@dataclass(frozen=True)
class FlowRun:
    """One run of a deployment that ended."""

    id: str
    state: dict[str, Any]
    journal: list[Entry]

    def writes(self) -> set[str]:
        return writes(self.journal)


READING = ("Describe", "Get", "List", "Invoke")
REPORTING = {"sns:Publish", "cloudwatch:PutMetricData"}  # a notification comes when it comes, and every run says that it lives


def writes(journal: list[Entry]) -> set[str]:
    """The orchestrator's actions that change something, apart from reports."""
    ours = [entry for entry in journal if entry.principal.endswith("/pedigree-orchestrator") and "/runs/" not in entry.resource]
    return {entry.action for entry in ours if not entry.action.split(":")[1].startswith(READING)} - REPORTING


@dataclass(frozen=True)
class Laptop:
    """The stack whose state lies in `folder`."""

    folder: Path

    def make(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PEDIGREE_STATE": str(self.folder)}
        command = [sys.executable, "-m", f"deployments.laptop.{module}", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200, check=False)

    def run(self, dataset: Path, **parameters: Any) -> Run:
        before = len(self.journal())
        done = self.make("run", "--dataset", str(dataset), "--params", json.dumps(parameters))
        output = done.stdout + done.stderr
        assert (self.folder / "report.json").exists(), output
        report = json.loads((self.folder / "report.json").read_text())
        return Run(done.returncode, output, report, self.journal()[before:])

    @property
    def api(self) -> PrefectApi:
        return PrefectApi.of(self.stack)

    def hurry(self, speed: int) -> None:
        """Let the time of bakes and alarms pass so many times as fast."""
        headers = {"Authorization": f"Bearer {aws_secrets(self.stack)['control_token']}"}
        httpx.post(f"{self.stack.aws_url}/_local_aws/pace", json={"speed": speed}, headers=headers).raise_for_status()

    def start(self, deployment: str, **parameters: Any) -> str:
        """Id of a new run of the deployment; the flow completes these parameters by those of the deployment."""
        known = self.api.get(f"/deployments/name/{deployment}")
        body = {"parameters": parameters, "idempotency_key": uuid.uuid4().hex}
        return str(self.api.post(f"/deployments/{known['id']}/create_flow_run", body)["id"])

    def wait_for(self, run_id: str, *, before: int = 0) -> FlowRun:
        """The run once it ended, with the journal from entry `before` on."""
        state = follow(self.api, run_id, lambda _event: None)
        return FlowRun(run_id, state, self.journal()[before:])

    def execute(self, deployment: str, **parameters: Any) -> FlowRun:
        before = len(self.journal())
        return self.wait_for(self.start(deployment, **parameters), before=before)

    def runs_of(self, flow: str) -> list[dict[str, Any]]:
        """Runs of the flow, latest first."""
        runs: list[dict[str, Any]] = self.api.post("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_DESC"})
        return runs

    def journal(self) -> list[Entry]:
        path = self.folder / "local_aws" / "journal.jsonl"
        return list(read_journal(path)) if path.exists() else []

    @property
    def stack(self) -> Stack:
        return Stack.load(self.folder)

    def client(self, service: str, profile: str = "pedigree") -> Any:
        """A boto3 client by one of the stack's profiles: the orchestrator, or `pedigree-admin`, the account's root."""
        session: Any = boto3.Session(profile_name=profile)
        return session.client(service)

    def add_profile(self, name: str, role_arn: str) -> None:
        """A profile that acts as the role."""
        config = self.folder / "aws" / "config"
        orchestrator = config.read_text().split("[profile pedigree]")[1].split("[profile")[0]
        lines = [f"role_arn = {role_arn}" if line.startswith("role_arn") else line for line in orchestrator.splitlines()]
        config.write_text(config.read_text() + f"\n[profile {name}]" + "\n".join(lines) + "\n")

    def processes(self) -> list[psutil.Process]:
        """Every living process of this stack and all that descends from one."""
        living = [psutil.Process(service.pid) for service in self.stack.services.values() if psutil.pid_exists(service.pid)]
        return [each for process in living for each in (process, *process.children(recursive=True))]

    def kill_aws(self) -> list[psutil.Process]:
        """SIGKILL local_aws; its children as they were a moment before."""
        server = psutil.Process(self.stack.services["local_aws"].pid)
        children = server.children(recursive=True)
        server.send_signal(signal.SIGKILL)
        return children


@contextmanager
def running_laptop(folder: Path) -> Iterator[Laptop]:
    """`make up` in a folder of its own, and its profiles for this process; ended in any case."""
    laptop = Laptop(folder)
    try:
        up = laptop.make("up")
        assert up.returncode == 0, up.stdout + up.stderr
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_CONFIG_FILE", str(folder / "aws" / "config"))
            patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "aws" / "credentials"))
            yield laptop
    finally:
        laptop.make("down")

"""A whole stack of its own, run by the very commands a person types, and what tests ask of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil

from local_aws.journal import Entry, read_journal

ROOT = Path(__file__).parents[2]


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
        """The orchestrator's actions that change something, the report of the run apart."""
        ours = [entry for entry in self.journal if entry.principal.endswith("/pedigree-orchestrator") and "/runs/" not in entry.resource]
        return {entry.action for entry in ours if not entry.action.split(":")[1].startswith(READING)}


READING = ("Describe", "Get", "List", "Invoke")


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
        report = json.loads((self.folder / "report.json").read_text())
        return Run(done.returncode, done.stdout + done.stderr, report, self.journal()[before:])

    def journal(self) -> list[Entry]:
        path = self.folder / "local_aws" / "journal.jsonl"
        return list(read_journal(path)) if path.exists() else []

    def stack(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads((self.folder / "stack.json").read_text())
        return record

    def client(self, service: str, profile: str = "pedigree") -> Any:
        """A boto3 client by one of the stack's profiles: the orchestrator, or `pedigree-admin`, the account's root."""
        session: Any = boto3.Session(profile_name=profile)
        return session.client(service)

    def add_profile(self, name: str, role_arn: str) -> None:
        """A profile that acts as the role."""
        config = self.folder / "aws" / "config"
        orchestrator = config.read_text().split("[profile pedigree]")[1]
        lines = [f"role_arn = {role_arn}" if line.startswith("role_arn") else line for line in orchestrator.splitlines()]
        config.write_text(config.read_text() + f"\n[profile {name}]" + "\n".join(lines) + "\n")

    def processes(self) -> list[psutil.Process]:
        """Every living process of this stack and all that descends from one."""
        found = []
        for name, service in self.stack()["services"].items():
            assert name
            if psutil.pid_exists(service["pid"]):
                process = psutil.Process(service["pid"])
                found += [process, *process.children(recursive=True)]
        return found

    def kill_aws(self) -> list[psutil.Process]:
        """SIGKILL local_aws; its children as they were a moment before."""
        server = psutil.Process(self.stack()["services"]["local_aws"]["pid"])
        children = server.children(recursive=True)
        server.send_signal(signal.SIGKILL)
        return children


@contextmanager
def running_laptop(folder: Path) -> Iterator[Laptop]:
    """`make up` in a folder of its own, ended in any case."""
    laptop = Laptop(folder)
    try:
        up = laptop.make("up")
        assert up.returncode == 0, up.stdout + up.stderr
        yield laptop
    finally:
        laptop.make("down")

"""Trainings on EC2 as jobs: adopted by their name or started, followed to their end, and whatever ends takes its instance with it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pedigree.aws.adoption import Attempt
from pedigree.aws.clients import client
from pedigree.aws.logs import LogTail
from pedigree.aws.waiting import wait_until
from pedigree.training.ec2.machine import STEP, Machine, log_group
from pedigree.training.ec2.records import STARTED, Records
from pedigree.training.ec2.state import Seen, ending
from pedigree.training.jobs import Following, Jobs
from pedigree.training.watch import Watch
from pedigree.values import Account

Description = dict[str, Any]


class Ec2Jobs(Jobs):
    """`key` is that of the training, which the tags of its instance carry."""

    def __init__(self, account: Account, *, key: str, max_seconds: float, watch: Watch) -> None:
        super().__init__(account, Following(max_seconds=max_seconds), watch)
        self._key, self.group = key, log_group(account)
        self._machine, self._records = Machine(account), Records(client(account.credentials, "s3"), account)
        self._tails: dict[str, LogTail] = {}
        self.kind = replace(self.kind, title=STEP, describe=self.look, create=self._create)

    def look(self, name: str) -> Description:
        """The job as it stands, NoSuchKey where there is none; one that has ended is recorded and its instance terminated."""
        job = self._records.read(name)
        if "TrainingJobStatus" in job:
            return job
        command = self._machine.command(job)
        model, failure = partial(self._records.has_model, name), partial(self._records.failure, name)
        seen = Seen(job[STARTED], self._machine.find(job["InstanceId"]), command, model, failure, datetime.now(UTC))
        found = {**job, "CommandId": command and command["CommandId"]}
        ended = ending(seen)
        if ended is None:
            return {**found, "TrainingJobStatus": "InProgress"}
        self._machine.terminate(job["InstanceId"])
        self._records.end(name, ended)
        return {**found, **ended}

    def wait(self, attempt: Attempt) -> tuple[Description, list[str]]:
        """(description of the ended job, last lines of its log)."""
        if attempt.description["TrainingJobStatus"] != "InProgress":
            return attempt.description, []
        ended = wait_until(
            partial(self._listen, attempt.name),
            lambda job: job["TrainingJobStatus"] != "InProgress",
            step=STEP,
            resource=attempt.name,
            seconds=self._following.max_seconds,
        )
        tail = self._tails.get(attempt.name)
        return ended, list(tail.last) if tail else []

    def _listen(self, name: str) -> Description:
        """The job as `look` sees it. An instance that is ready gets its command; the lines of the command's log are passed on."""
        job = self.look(name)
        if job["CommandId"]:
            tail = self._tails.setdefault(name, LogTail(self._logs, self.group, f"{job['CommandId']}/"))
            self._watch(job, tail.pass_on())
        elif job["TrainingJobStatus"] == "InProgress" and self._machine.is_online(job["InstanceId"]):
            self._machine.send(job, self._records.uri(name))
        return job

    def _create(self, job: Mapping[str, Any]) -> None:
        self._records.begin(job, self._machine.launch(job, self._key))

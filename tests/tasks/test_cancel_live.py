"""A cancelled run's jobs are stopped, and nobody else's."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from prefect import flow
from prefect.client.schemas.objects import FlowRun
from prefect.logging import disable_run_logger
from prefect.states import Cancelling

from pedigree.aws.resources.sagemaker import stop_job
from pedigree.training.stop import stop_training_jobs
from tasks.cancellation import stop_what_was_started
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until

RUN, OTHER_RUN = str(uuid.uuid4()), str(uuid.uuid4())


@dataclass(frozen=True)
class Started:
    """Starts jobs that run until they are stopped, or end at once."""

    live: LiveAccount

    def job(self, name: str, run: str, *, project: str = "", command: str = "sleep 600") -> str:
        account = self.live.account
        tags = {"pedigree:project": project or account.project, "pedigree:flow-run-id": run}
        self.live.client("sagemaker").create_training_job(
            TrainingJobName=name,
            RoleArn=account.training_role,
            AlgorithmSpecification={
                "TrainingImage": "local/pytorch-training:1",
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["bash", "-c", f"exec {command}"],
            },
            OutputDataConfig={"S3OutputPath": f"s3://{account.bucket}/training"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return name

    def status(self, name: str) -> str:
        return str(self.live.client("sagemaker").describe_training_job(TrainingJobName=name)["TrainingJobStatus"])

    def wait(self, name: str, status: str) -> None:
        wait_until(lambda: self.status(name) == status, f"{name} never got {status}")


@pytest.fixture
def started(live: LiveAccount) -> Iterator[Started]:
    yield Started(live)
    sagemaker = live.client("sagemaker")
    left = sagemaker.list_training_jobs(NameContains=live.account.project, StatusEquals="InProgress", MaxResults=100)
    for job in left["TrainingJobSummaries"]:
        sagemaker.stop_training_job(TrainingJobName=job["TrainingJobName"])


def hook(run_id: str, parameters: dict[str, Any]) -> None:
    @flow
    def mission() -> None: ...

    with disable_run_logger():  # its lines go to a Prefect server
        stop_what_was_started(mission, FlowRun(id=uuid.UUID(run_id), flow_id=uuid.uuid4(), parameters=parameters), Cancelling())


def test_what_the_run_started_is_stopped_and_nothing_else(live: LiveAccount, started: Started) -> None:
    project = live.account.project
    mine = {started.job(f"{project}--{kind}-1", RUN) for kind in ("train", "evaluate")}
    others = [
        started.job(f"{project}--train-2", OTHER_RUN),
        started.job(f"{project}-2--train-1", RUN, project=f"{project}-2"),
        started.job(f"x-{project}--train-1", RUN),
    ]
    assert set(stop_training_jobs(live.account, RUN)) == mine
    for name in mine:
        started.wait(name, "Stopped")
    assert {started.status(name) for name in others} == {"InProgress"}
    assert stop_training_jobs(live.account, RUN) == []


def test_all_pages_are_looked_at(live: LiveAccount, started: Started) -> None:
    first = started.job(f"{live.account.project}--train-0", RUN)
    for number in range(1, 12):
        started.job(f"{live.account.project}--train-{number}", OTHER_RUN)
    last = started.job(f"{live.account.project}--train-12", RUN)
    assert set(stop_training_jobs(live.account, RUN)) == {first, last}


def test_a_job_that_ended_meanwhile_is_no_error(live: LiveAccount, started: Started) -> None:
    name = started.job(f"{live.account.project}--train-1", RUN, command="true")
    started.wait(name, "Completed")
    assert not stop_job(live.client("sagemaker"), name)
    assert stop_training_jobs(live.account, RUN) == []


def test_a_stop_that_is_refused_while_the_job_runs_on_is_an_error(live: LiveAccount, started: Started) -> None:
    name = started.job(f"{live.account.project}--train-1", RUN)
    live.aws.add_fault("sagemaker", "StopTrainingJob", code="ValidationException", status=400)
    with pytest.raises(ClientError, match="ValidationException"):
        stop_job(live.client("sagemaker"), name)
    assert started.status(name) == "InProgress"
    assert not stop_job(live.client("sagemaker"), f"{name}-gone")


def test_the_hook_finds_the_account_in_the_runs_parameters(live: LiveAccount, started: Started) -> None:
    project = live.account.project
    name = started.job(f"{project}--train-1", RUN)
    hook(RUN, {"dataset": "pictures.zip", "environment": {"credentials": project, "project": project}})
    started.wait(name, "Stopped")


def test_the_hook_without_an_environment_takes_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "tasks.cancellation.find_account.fn", lambda environment: asked.append((environment.credentials, environment.project))
    )
    monkeypatch.setattr("tasks.cancellation.stop_training_jobs", lambda *_: [])
    hook(RUN, {"dataset": "pictures.zip"})
    assert asked == [("pedigree", "pedigree")]

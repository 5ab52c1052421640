"""Reaping in a real account: what dead runs left goes, what lives is never touched."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from flows import reap as flow
from flows.reap import reap
from pedigree.settings import Environment
from pedigree.values import NO_FLOW_RUN
from tasks import reap as leftovers
from tasks import teardown
from tests.lab.ec2_instances import PARAMETER
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.sleeping_jobs import start_job, stop_jobs
from tests.lab.small_models import SERVING

LIVING, DEAD = str(uuid.uuid4()), str(uuid.uuid4())
PAST, FUTURE = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))


@pytest.fixture(autouse=True)
def prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow calls what its tasks call; DEAD is the run that ended, and none is under way that adopts."""
    for name in ("find_account", "find_resources", "find_expired", "find_abandoned_jobs", "show_resources"):
        monkeypatch.setattr(flow, name, getattr(flow, name).fn)
    for name in ("stop_resource", "delete_resource"):
        monkeypatch.setattr(teardown, name, getattr(teardown, name).fn)
    monkeypatch.setattr(leftovers, "dead_runs", lambda ids: set(ids) & {DEAD})
    monkeypatch.setattr(leftovers, "adopting_run_lives", lambda: False)


@pytest.fixture(autouse=True)
def no_job_outlives_its_test(live: LiveAccount) -> Iterator[None]:
    yield
    stop_jobs(live)


def clean_up(live: LiveAccount) -> str:
    """What the flow says that it did."""
    project = live.account.project
    ended = reap.fn(Environment(credentials=project, project=project))
    assert ended.is_completed()
    return str(ended.message)


def tags(live: LiveAccount, run: str, expires_at: datetime | None = None) -> list[dict[str, str]]:
    values = {"pedigree:project": live.account.project, "pedigree:key": "k", "pedigree:flow-run-id": run}
    expiry = {"pedigree:expires-at": expires_at.isoformat(timespec="seconds")} if expires_at else {}
    return [{"Key": name, "Value": value} for name, value in (values | expiry).items()]


def start(live: LiveAccount, name: str, run: str, **expiry: datetime) -> str:
    return start_job(live, f"train-{name}", tags(live, run, **expiry))


def launch(live: LiveAccount, name: str, run: str, **expiry: datetime) -> str:
    """Id of an instance as a training on EC2 has it."""
    ec2, name = live.client("ec2"), f"{live.account.project}--ec2-{name}"
    instance_tags = [*tags(live, run, **expiry), {"Key": "Name", "Value": name}]
    image = live.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    asked = {"ImageId": image, "InstanceType": "m5.xlarge", "MinCount": 1, "MaxCount": 1}
    found = ec2.run_instances(**asked, TagSpecifications=[{"ResourceType": "instance", "Tags": instance_tags}])
    wait_until(lambda: state(live, found["Instances"][0]["InstanceId"]) == "running")
    return str(found["Instances"][0]["InstanceId"])


def state(live: LiveAccount, instance: str) -> str:
    found = live.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return str(found[0]["Instances"][0]["State"]["Name"])


def make_model(live: LiveAccount, name: str, **expiry: datetime) -> str:
    container = {"Image": SERVING.image, "ModelDataUrl": live.put("models/k/model.tar.gz", b"")}
    name = f"{live.account.project}--model-{name}"
    live.client("sagemaker").create_model(
        ModelName=name, ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container, Tags=tags(live, DEAD, **expiry)
    )
    return name


def statuses(live: LiveAccount, names: Iterable[str]) -> dict[str, str]:
    describe = live.client("sagemaker").describe_training_job
    return {name: describe(TrainingJobName=name)["TrainingJobStatus"] for name in names}


def test_a_job_is_stopped_when_its_run_is_dead(live: LiveAccount) -> None:
    abandoned = start(live, "dead", DEAD)
    others = [start(live, "living", LIVING), start(live, "by-hand", NO_FLOW_RUN)]
    assert clean_up(live) == "Stopped 1 resource: 1 training job"
    wait_until(lambda: statuses(live, [abandoned]) == {abandoned: "Stopped"})
    assert set(statuses(live, others).values()) == {"InProgress"}
    assert live.writes() == ["sagemaker:StopTrainingJob"]
    assert clean_up(live) == "Nothing to do: 3 resources found, none of them left behind"


def test_a_job_that_a_run_under_way_may_have_adopted_goes_on(live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "adopting_run_lives", lambda: True)
    job = start(live, "dead", DEAD)
    assert clean_up(live) == "Nothing to do: 1 resource found, none of them left behind"
    assert (statuses(live, [job]), live.writes()) == ({job: "InProgress"}, [])


def test_what_is_past_its_expiry_is_deleted_and_nothing_else(live: LiveAccount) -> None:
    make_model(live, "expired", expires_at=PAST)
    kept = {make_model(live, "fresh", expires_at=FUTURE), make_model(live, "lasting")}
    start(live, "expired", LIVING, expires_at=PAST)
    assert clean_up(live) == "Deleted 2 resources: 1 model, 1 training job"
    sagemaker, project = live.client("sagemaker"), live.account.project
    assert {model["ModelName"] for model in sagemaker.list_models(NameContains=project)["Models"]} == kept
    assert sagemaker.list_training_jobs(NameContains=project)["TrainingJobSummaries"] == []
    assert live.writes() == ["sagemaker:DeleteModel", "sagemaker:StopTrainingJob", "sagemaker:DeleteTrainingJob"]


def test_an_instance_goes_when_its_run_is_dead_or_its_time_is_over(live: LiveAccount) -> None:
    dead, expired = launch(live, "dead", DEAD, expires_at=FUTURE), launch(live, "expired", LIVING, expires_at=PAST)
    living = launch(live, "living", LIVING, expires_at=FUTURE)
    live.put(f"training/{live.account.project}--ec2-dead/job.json", b'{"TrainingStartTime": "2026-01-05T02:00:00+00:00"}')
    assert clean_up(live) == "Stopped 1 resource: 1 training instance; deleted 1 resource: 1 training instance"
    assert [state(live, instance) for instance in (dead, expired, living)] == ["terminated", "terminated", "running"]
    assert live.keys(f"training/{live.account.project}--ec2-dead/ended") != []
    live.client("ec2").terminate_instances(InstanceIds=[living])


def test_what_is_told_is_both(live: LiveAccount) -> None:
    start(live, "dead", DEAD)
    make_model(live, "expired", expires_at=PAST)
    assert clean_up(live) == "Stopped 1 resource: 1 training job; deleted 1 resource: 1 model"

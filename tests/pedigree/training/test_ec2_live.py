"""Trainings on EC2 that really run on an instance of local_aws, with a script of a few lines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import BudgetExceeded, InvalidInput, JobFailed, JobStopped
from pedigree.aws.logs import LogTail
from pedigree.cost.ec2 import ec2_budget_watch
from pedigree.settings import Ec2, Training
from pedigree.trained_model import TrainedModel
from pedigree.training.ec2.launch import on_one_instance
from pedigree.training.ec2.machine import Machine
from pedigree.training.ec2.records import Records
from pedigree.training.ec2.train import train_on_ec2
from pedigree.training.stop import stop_training_jobs
from pedigree.values import Dataset
from tests.lab.live_account import LiveAccount
from tests.pedigree.training.test_live import FAILING, SCRIPT

RUN = "b1946ac9-2491-4c1f-8a3a-1d8b8d0e8a11"


class Died(BaseException):
    """The process is killed here: nothing of ours can catch it."""


@dataclass(frozen=True)
class Trainings:
    """Trainings on EC2 of three objects, with a script of this body."""

    live: LiveAccount
    files: dict[str, Path]

    def write(self, body: str) -> None:
        self.files["model/train.py"].write_text(SCRIPT.format(body=body))

    def train(self, budget_usd: float | None = None, **settings: Any) -> TrainedModel:
        uri = f"s3://{self.live.account.bucket}/datasets/d1/"
        dataset = Dataset("d1", uri, ("a", "b"), {"train": 4, "valid": 4, "test": 8}, "created")
        training, ec2 = Training(**settings), Ec2(enabled=True)
        watch = ec2_budget_watch(self.live.account, on_one_instance(training, ec2), budget_usd)
        return train_on_ec2(self.live.account, dataset, training, ec2, watch)

    def count(self, operation: str) -> int:
        return self.live.writes().count(operation)

    @property
    def once(self) -> bool:
        """One instance and one command in the journal."""
        return (self.count("ec2:RunInstances"), self.count("ssm:SendCommand")) == (1, 1)

    def instances(self) -> list[dict[str, Any]]:
        filters = [{"Name": "tag:pedigree:project", "Values": [self.live.account.project]}]
        found = self.live.client("ec2").describe_instances(Filters=filters)["Reservations"]
        return [instance for reservation in found for instance in reservation["Instances"]]

    def states(self) -> list[str]:
        return [instance["State"]["Name"] for instance in self.instances()]


@pytest.fixture
def ec2(live: LiveAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainings]:
    trainings = Trainings(live, {name: tmp_path / Path(name).name for name in ("model/__init__.py", "model/train.py")})
    trainings.files["model/__init__.py"].touch()
    trainings.write("")
    monkeypatch.setattr("pedigree.training.ec2.train.package_files", lambda _package: trainings.files)
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    yield trainings
    if ids := [instance["InstanceId"] for instance in trainings.instances()]:
        live.client("ec2").terminate_instances(InstanceIds=ids)


def held_until(file: Path) -> str:
    return f"while not os.path.exists({str(file)!r}): time.sleep(0.01)"


@pytest.fixture
def held(ec2: Trainings, tmp_path: Path) -> Path:
    """The script goes on when this file is there."""
    ec2.write(held_until(tmp_path / "release"))
    return tmp_path / "release"


def die_at(patch: pytest.MonkeyPatch, owner: type, method: str, *, after: bool) -> None:
    do = getattr(owner, method)

    def dying(*arguments: Any, **named: Any) -> None:
        if after:
            do(*arguments, **named)
        raise Died

    patch.setattr(owner, method, dying)


def test_it_is_trained_once_and_then_adopted_without_an_instance(ec2: Trainings, live: LiveAccount) -> None:
    first = ec2.train()
    assert (first.kind, first.instances, first.outcome) == ("ec2", 1, "created")
    assert first.job_name == f"{live.account.project}--ec2-{first.key}"
    assert (first.history, first.evaluation.accuracy) == ([{"epoch": 1, "train_loss": 0.5}], 7 / 8)
    assert first.artifact == f"s3://{live.account.bucket}/training/{first.job_name}/output/model.tar.gz"
    assert first.billable_seconds >= 60  # EC2 bills no less
    again = ec2.train(max_runtime_seconds=600)
    assert (again.artifact, again.outcome, again.billable_seconds) == (first.artifact, "adopted", first.billable_seconds)
    assert ec2.once
    assert ec2.states() == ["terminated"]
    keys = {key.removeprefix(f"training/{first.job_name}/") for key in live.keys(f"training/{first.job_name}/")}
    assert keys == {"job.json", "ended.json", "output/model.tar.gz", "output/output.tar.gz"}


def test_it_reads_the_weights_to_start_from(ec2: Trainings, live: LiveAccount) -> None:
    uri = live.put("weights/d1/w.pth", b"of torchvision")
    ec2.write('assert (base / "input/data/weights/w.pth").read_bytes() == b"of torchvision"')
    assert ec2.train(weights=uri).outcome == "created"


def test_its_instance_is_as_closed_as_it_can_be(ec2: Trainings, live: LiveAccount, held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    die_at(monkeypatch, Machine, "send", after=True)
    with pytest.raises(Died):
        ec2.train(volume_gb=20)
    (instance,) = ec2.instances()
    assert (instance["InstanceType"], instance["MetadataOptions"]["HttpTokens"]) == ("m5.xlarge", "required")
    assert instance["IamInstanceProfile"]["Arn"].endswith(f"/{live.account.instance_profile}")
    machines = live.client("ec2")
    (volume,) = machines.describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"] for mapping in instance["BlockDeviceMappings"]])["Volumes"]
    assert (volume["Encrypted"], volume["Size"]) == (True, 15 + 20)
    (group,) = machines.describe_security_groups(GroupIds=[group["GroupId"] for group in instance["SecurityGroups"]])["SecurityGroups"]
    assert group["IpPermissions"] == []
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    expires = datetime.fromisoformat(tags["pedigree:expires-at"]) - datetime.now(UTC)
    assert timedelta(hours=2.9) < expires < timedelta(hours=3.1)


@pytest.mark.parametrize(
    ("owner", "method", "after"),
    [
        (Machine, "launch", True),
        (Records, "begin", True),
        (Machine, "terminate", False),
        (Machine, "terminate", True),
    ],
    ids=["launched", "recorded", "done", "terminated"],
)
def test_killed_anywhere_the_next_run_goes_on(ec2: Trainings, owner: type, method: str, *, after: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, owner, method, after=after)
        with pytest.raises(Died):
            ec2.train()
    ec2.train()
    assert ec2.once
    assert ec2.states() == ["terminated"]


def test_killed_while_its_command_runs_the_next_run_finds_the_command(ec2: Trainings, held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, Machine, "send", after=True)
        with pytest.raises(Died):
            ec2.train()
    pass_on = LogTail.pass_on

    def release_and_pass_on(tail: LogTail) -> list[str]:
        held.touch()  # not before it was seen running
        return pass_on(tail)

    monkeypatch.setattr(LogTail, "pass_on", release_and_pass_on)
    assert ec2.train().outcome == "adopted"
    assert ec2.once


def test_an_artifact_that_nobody_recorded_is_adopted(ec2: Trainings, live: LiveAccount) -> None:
    first = ec2.train()
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=f"training/{first.job_name}/ended.json")
    assert ec2.train().artifact == first.artifact
    assert ec2.once


@pytest.mark.parametrize("operation", ["ec2:RunInstances", "ssm:SendCommand"])
def test_a_lost_answer_makes_nothing_twice(ec2: Trainings, live: LiveAccount, operation: str) -> None:
    live.aws.add_fault(*operation.split(":"), when="after", drop=True)
    ec2.train()
    assert len(ec2.instances()) == 1
    assert len(live.client("ssm").list_commands(InstanceId=ec2.instances()[0]["InstanceId"])["Commands"]) == 1


def test_a_failing_script_fails_with_its_own_traceback_and_the_instance_goes(ec2: Trainings) -> None:
    ec2.write(FAILING)
    with pytest.raises(JobFailed, match=r"(?s)the network has no layers.*Traceback.*RuntimeError: no layers: 1-2-3"):
        ec2.train()
    assert ec2.states() == ["terminated"]
    with pytest.raises(JobFailed, match="the network has no layers"):
        ec2.train()
    assert ec2.once
    with pytest.raises(JobFailed, match="the network has no layers"):
        ec2.train(retry_failed=True)
    assert ec2.count("ec2:RunInstances") == 2


def test_an_instance_that_aws_takes_away_is_followed_by_the_next(ec2: Trainings, live: LiveAccount, held: Path) -> None:
    ec2.write(f"print('epoch=1', flush=True)\n{held_until(held)}")
    live.aws.control("POST", "instance-interruptions", {"line": "epoch=1"})
    with pytest.MonkeyPatch.context() as patch:
        launch = Machine.launch

        def launch_and_release(self: Machine, *arguments: Any) -> Any:
            if ec2.instances():
                held.touch()
            return launch(self, *arguments)

        patch.setattr(Machine, "launch", launch_and_release)
        model = ec2.train()
    assert (model.attempt, ec2.states()) == (2, ["terminated", "terminated"])


def test_a_cancelled_run_takes_its_instance_with_it(ec2: Trainings, live: LiveAccount, held: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, Machine, "send", after=True)
        with pytest.raises(Died):
            replace(ec2, live=replace(live, account=replace(live.account, run=RUN))).train()
    assert stop_training_jobs(live.account, "00000000-0000-0000-0000-000000000000") == []
    (name,) = stop_training_jobs(live.account, RUN)
    assert name.startswith(f"{live.account.project}--ec2-")
    assert ec2.states() == ["terminated"]
    assert stop_training_jobs(live.account, RUN) == []
    with pytest.raises(JobStopped, match="retry_failed"):
        ec2.train()
    assert ec2.once
    held.touch()
    assert ec2.train(retry_failed=True).attempt == 2


def test_a_training_over_its_budget_is_stopped_with_its_instance(ec2: Trainings, held: Path) -> None:
    with pytest.raises(BudgetExceeded, match="the job was stopped"):
        ec2.train(budget_usd=1e-9)
    assert ec2.states() == ["terminated"]
    with pytest.raises(JobStopped):
        ec2.train()


def test_an_agent_that_does_not_come_fails_it(ec2: Trainings, live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    live.client("iam").delete_role_policy(RoleName=f"{live.account.project}-instance", PolicyName="agent")
    monkeypatch.setattr("pedigree.training.ec2.state.AGENT_WITHIN", timedelta(seconds=2))
    with pytest.raises(JobFailed, match="SSM agent of the instance did not come online"):
        ec2.train()
    assert ec2.states() == ["terminated"]


def test_a_security_group_with_a_way_in_is_refused(ec2: Trainings, live: LiveAccount) -> None:
    ec2.train()
    machines = live.client("ec2")
    filters = [{"Name": "tag:pedigree:project", "Values": [live.account.project]}]
    (group,) = machines.describe_security_groups(Filters=filters)["SecurityGroups"]
    open_ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    machines.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[open_ssh])
    with pytest.raises(InvalidInput, match="take its inbound rules away"):
        ec2.train(fresh="again")
    assert ec2.once


def test_a_stack_without_the_profile_is_refused_before_anything_is_made(ec2: Trainings, live: LiveAccount) -> None:
    old = Trainings(replace(live, account=replace(live.account, instance_profile="")), ec2.files)
    with pytest.raises(InvalidInput, match="make bootstrap"):
        old.train()
    assert live.writes() == []

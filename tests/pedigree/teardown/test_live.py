"""Teardown of a real account: what the tags say is the project's own goes in the right order, and nothing else."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from flows import teardown as flow
from flows.teardown import teardown
from pedigree.autoscaling.variant import register_autoscaling
from pedigree.aws.errors import AwsDenied, InvalidInput
from pedigree.aws.resources.kind import Resource
from pedigree.aws.resources.table import KINDS
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.function.publish import publish_function
from pedigree.settings import Autoscaling, Environment, Function, Mission
from pedigree.teardown.find import find_resources
from pedigree.values import NO_FLOW_RUN, Endpoint
from pedigree.watching.watch import watch_live
from tasks import teardown as tasks
from tests.lab.live_account import LiveAccount
from tests.lab.sleeping_jobs import start_job
from tests.lab.small_models import FIRST, SECOND, SERVING, registered

COLD = Function(reserved_concurrency=2, provisioned_concurrency=0)
SERVING_KINDS = [*["alarm"] * 7, "function", "scalable target", "rollback alarm", "rollback alarm", "endpoint"]
MODEL_KINDS = ["endpoint config", "model", "model package", "model package group"]
DELETIONS = [
    *["cloudwatch:DeleteAlarms"] * 7,
    "lambda:DeleteFunction",
    "application-autoscaling:DeregisterScalableTarget",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DeleteAlarms",
    "sagemaker:DeleteEndpoint",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:DeleteModel",
    "sagemaker:DeleteModelPackage",
    "sagemaker:DeleteModelPackageGroup",
]


@pytest.fixture(autouse=True)
def tasks_without_prefect(prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow calls what its tasks call, and asks the server for other runs."""
    for name in ("find_account", "find_resources", "show_resources"):
        monkeypatch.setattr(flow, name, getattr(flow, name).fn)
    for name in ("stop_resource", "delete_resource"):
        monkeypatch.setattr(tasks, name, getattr(tasks, name).fn)


def tear_down(live: LiveAccount, **parameters: Any) -> str:
    """What the flow says that it did."""
    project = live.account.project
    ended = teardown.fn(environment=Environment(credentials=project, project=project), **parameters)
    assert ended.is_completed()
    return str(ended.message)


def go_live(live: LiveAccount, logits: tuple[float, ...] = FIRST, function: Function = COLD) -> Endpoint:
    version = registered(live, logits)
    endpoint = deploy_endpoint(live.account, version, SERVING)
    register_autoscaling(live.account, endpoint, Autoscaling())
    published = publish_function(live.account, endpoint, function, version)
    watch_live(live.account, endpoint, published, Mission(serving=SERVING, function=function))
    return endpoint


def left(live: LiveAccount) -> list[str]:
    """Kinds of what still carries the project's tags."""
    return [resource.kind for kind in KINDS if kind.layer != "data" for resource in kind.find(live.account)]


def test_first_it_shows_then_it_deletes_in_order_and_then_there_is_nothing(live: LiveAccount) -> None:
    go_live(live, function=Function(reserved_concurrency=2, provisioned_concurrency=1))
    before = live.writes()
    shown = tear_down(live)
    # ml.m5.large 0.115 x 730, 1 x 256 MB kept warm 2.74, twelve metrics in alarms 1.20
    assert shown == (
        "Would delete 16 resources: 7 alarms, 1 function, 1 scalable target, 2 rollback alarms, 1 endpoint, 1 endpoint config, 1 model, "
        "1 model package, 1 model package group; without them $87.89 a month less"
    )
    assert live.writes() == before
    assert tear_down(live, dry_run=False) == shown.replace("Would delete", "Deleted")
    assert live.writes()[len(before) :] == DELETIONS
    assert left(live) == []
    alarms = live.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-endpoint/{live.account.project}")
    assert alarms["MetricAlarms"] == []
    again = tear_down(live, dry_run=False)
    assert again == f"Nothing to delete: {live.account.project} has no resources left here"
    assert len(live.writes()) == len(before) + len(DELETIONS)


def test_what_serves_can_go_alone_and_the_next_run_puts_the_same_model_live(live: LiveAccount) -> None:
    first = go_live(live)
    tear_down(live, dry_run=False, scope="serving")
    assert left(live) == MODEL_KINDS
    version = registered(live, SECOND)
    before = len(live.writes())
    again = deploy_endpoint(live.account, version, SERVING)
    assert again.outcome == "created"
    assert "sagemaker:CreateEndpoint" in live.writes()[before:]
    assert first.config != again.config


def tags(project: str, key: str = "k") -> list[dict[str, str]]:
    values = {"pedigree:project": project, "pedigree:key": key, "pedigree:flow-run-id": NO_FLOW_RUN}
    return [{"Key": name, "Value": value} for name, value in values.items() if value]


@pytest.fixture
def foreign(live: LiveAccount) -> Iterator[list[str]]:
    """Models of others, in names that are similar: untagged, of another project, without a key, and out of our roles' reach."""
    project, sagemaker = live.account.project, live.client("sagemaker")
    container = {"Image": SERVING.image, "ModelDataUrl": live.put("models/theirs/model.tar.gz", b"")}
    owners = {
        f"{project}--untagged": [],
        f"{project}-two--model-1": tags(project),
        f"{project}--by-a-stack": tags(project, key=""),
        f"{project}x--model-1": tags(project),
    }
    for name, owner in owners.items():
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container, Tags=owner)
    yield list(owners)
    for name in owners:
        sagemaker.delete_model(ModelName=name)


def test_what_is_somebody_elses_stays(live: LiveAccount, foreign: list[str]) -> None:
    registered(live)
    tear_down(live, dry_run=False, data=True)
    sagemaker = live.client("sagemaker")
    assert {sagemaker.describe_model(ModelName=name)["ModelName"] for name in foreign} == set(foreign)
    assert live.client("cloudformation").describe_stacks(StackName=live.account.project)["Stacks"]


def test_data_goes_with_its_old_versions_when_it_is_asked_for(live: LiveAccount) -> None:
    s3, bucket = live.client("s3"), live.account.bucket
    for folder in ("datasets", "code", "training", "evaluations", "models", "runs", "weights", "images"):
        for body in (b"old", b"new"):
            live.put(f"{folder}/key/file", body)
    s3.delete_object(Bucket=bucket, Key="code/key/file")
    assert tear_down(live, dry_run=False).startswith("Nothing to delete")
    assert tear_down(live, dry_run=False, data=True).startswith(
        "Deleted 7 resources: 1 served artifact, 1 report, 1 evaluation output, 1 job output, 1 code channel, 1 weights to start from, "
        "1 dataset; without them under $0.01"
    )
    kept = s3.list_object_versions(Bucket=bucket)
    assert ([version["Key"] for version in kept["Versions"]], kept.get("DeleteMarkers", [])) == (["images/key/file"] * 2, [])


def test_an_object_that_cannot_be_deleted_fails_the_run(live: LiveAccount) -> None:
    live.put("datasets/key/file", b"")
    locked = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion", "Resource": f"arn:aws:s3:::{live.account.bucket}/*"}
    put_policy = live.client("s3").put_bucket_policy
    put_policy(Bucket=live.account.bucket, Policy=f'{{"Version": "2012-10-17", "Statement": [{str(locked).replace(chr(39), chr(34))}]}}')
    with pytest.raises(AwsDenied, match="AccessDenied"):
        tear_down(live, dry_run=False, data=True)


def test_models_do_not_lose_their_files_while_they_stay(live: LiveAccount) -> None:
    with pytest.raises(InvalidInput, match="choose data with everything only"):
        tear_down(live, scope="serving", data=True)


def test_jobs_in_progress_are_all_stopped_before_one_is_deleted(live: LiveAccount) -> None:
    project, sagemaker = live.account.project, live.client("sagemaker")
    for name in ("train-1", "evaluate-1"):
        start_job(live, name, tags(project))
    assert tear_down(live, dry_run=False).startswith("Deleted 2 resources: 2 training jobs")
    stop, delete = "sagemaker:StopTrainingJob", "sagemaker:DeleteTrainingJob"
    assert [action for action in live.writes() if action in (stop, delete)] == [stop, stop, delete, delete]
    assert sagemaker.list_training_jobs(NameContains=project)["TrainingJobSummaries"] == []


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceUnavailable", "status": 503}], ids=["dropped", "503"])
def test_lost_answers_change_nothing(live: LiveAccount, loss: dict[str, Any]) -> None:
    go_live(live)
    for action in dict.fromkeys(DELETIONS):
        service, operation = action.split(":")
        live.aws.add_fault(service, operation, when="after", **loss)
    tear_down(live, dry_run=False)
    assert left(live) == []


class TestOneFlowRun:
    """Run A put a model live, then run B another one."""

    A, B = str(uuid.uuid4()), str(uuid.uuid4())

    @pytest.fixture(autouse=True)
    def two_runs(self, live: LiveAccount) -> None:
        for run, logits in ((self.A, FIRST), (self.B, SECOND)):
            live.put(f"runs/{run}/report.json", b"{}")
            go_live(replace(live, account=replace(live.account, run=run)), logits)

    def find(self, live: LiveAccount, run: str) -> list[Resource]:
        return find_resources(live.account, {"serving", "model", "data"}, run)

    def test_what_a_later_run_serves_stays(self, live: LiveAccount) -> None:
        assert [resource.kind for resource in self.find(live, self.A)] == [
            "endpoint config",
            "model",
            "model package",
            "served artifact",
            "report",
        ]
        assert {resource.flow_run_id for resource in self.find(live, self.A)} == {self.A}
        assert [resource.kind for resource in self.find(live, self.B)] == [*SERVING_KINDS, *MODEL_KINDS[:-1], "served artifact", "report"]

    def test_the_last_run_takes_with_it_what_serves(self, live: LiveAccount) -> None:
        tear_down(live, dry_run=False, flow_run_id=self.A)
        assert left(live) == [*SERVING_KINDS, *MODEL_KINDS]
        tear_down(live, dry_run=False, flow_run_id=self.B)
        assert left(live) == []

    def test_a_run_that_made_nothing_has_nothing(self, live: LiveAccount) -> None:
        nobody = str(uuid.uuid4())
        assert tear_down(live, dry_run=False, flow_run_id=nobody) == f"Nothing to delete: {nobody} has no resources left here"

"""Each stage, when each class of error of AWS lasts: a person reads which step failed, on what, why, and what to do."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from PIL import Image

from pedigree.aws.clients import connect
from pedigree.aws.errors import AwsDenied, AwsFailed, AwsThrottled, AwsUnavailable, SignInNeeded, may_pass
from pedigree.dataset.inspect import Inspected, Scratch
from pedigree.dataset.listing import list_images
from pedigree.settings import Autoscaling, Environment, Function, Gate, Mission, Serving, Training
from pedigree.training.ways import ways_of
from tasks.account import find_account
from tasks.autoscaling import register_autoscaling
from tasks.dataset import inspect_dataset, upload_dataset
from tasks.endpoint import confirm_endpoint, deploy_endpoint, restore_endpoint
from tasks.evaluation import compare_with_champion
from tasks.function import publish_function
from tasks.registry import register_model
from tasks.smoke_test import smoke_test
from tasks.training import train_model
from tasks.watching import watch_live
from tests.lab.live_account import LiveAccount
from tests.lab.report_records import stage_values

DONE = stage_values()
MISSION = Mission(gate=Gate(against_champion="better"), training=Training(image="local/pytorch-training:1"))
(WAY,) = ways_of(MISSION.training, MISSION.ec2)
JOB = DONE["training"].job_name
STAGES: dict[str, tuple[str, Any, str, tuple[Any, ...]]] = {  # step: (what it works on, task, service that fails, arguments)
    "training": (WAY.training.architecture, train_model, "sagemaker", (DONE["dataset"], WAY)),
    "comparison": (JOB, compare_with_champion, "sagemaker", (DONE["training"], DONE["dataset"], MISSION)),
    "registry": (JOB, register_model, "sagemaker", (DONE["gate"], Serving(image="local/pytorch-serving:1"))),
    "endpoint": ("pedigree/3", deploy_endpoint, "sagemaker", (DONE["registry"], Serving())),
    "autoscaling": ("pedigree", register_autoscaling, "application-autoscaling", (DONE["endpoint"], Autoscaling())),
    "function": ("pedigree", publish_function, "lambda", (DONE["endpoint"], Function(), DONE["registry"])),
    "smoke test": ("pedigree", smoke_test, "s3", (DONE["function"], DONE["registry"])),
    "confirmation": ("pedigree", confirm_endpoint, "sagemaker", (DONE["endpoint"], DONE["function"], DONE["registry"])),
    "watching": ("pedigree", watch_live, "cloudwatch", (DONE["endpoint"], DONE["function"], MISSION)),
    "endpoint rollback": ("pedigree", restore_endpoint, "sagemaker", (DONE["endpoint"],)),
}
DENIAL = "User: arn:aws:sts::123456789012:assumed-role/ada/s is not authorized to perform: sagemaker:Any because no policy allows it"
CLASSES: dict[str, tuple[type[AwsFailed], dict[str, Any], str]] = {  # the error, the fault, and what to do
    "throttled": (AwsThrottled, {"code": "ThrottlingException"}, "wait some minutes, then run again"),
    "denied": (AwsDenied, {"code": "AccessDeniedException", "message": DENIAL, "status": 403}, " needs the right to "),
    "expired": (SignInNeeded, {"code": "ExpiredTokenException"}, "sign in again"),
    "failing": (AwsUnavailable, {"code": "InternalFailure", "status": 500}, "look at https://health.aws.amazon.com/health/status"),
    "dropped": (AwsUnavailable, {"drop": True}, "check the network of this machine"),
}


@pytest.fixture(params=CLASSES)
def failing(request: pytest.FixtureRequest, live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[AwsFailed], str]]:
    monkeypatch.setattr("pedigree.aws.waiting.OUTAGE", 0.0)  # each wait would go on for minutes
    kind, fault, action = CLASSES[request.param]
    for service in {"cloudformation", "s3", *(service for _, _, service, _ in STAGES.values())}:
        status = {"status": 503} if fault.get("code") == "ThrottlingException" and service == "s3" else {}
        live.aws.add_fault(service, "*", times=10_000, **fault | status)
    yield kind, action
    live.aws.clear_faults()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for place in (f"{split}/{name}" for split in ("train", "valid", "test") for name in "ab"):
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (8, 8), (len(list(tmp_path.rglob("*"))), 0, 0)).save(tmp_path / place / "0.png")
    return tmp_path


def require_told(kind: type[AwsFailed], action: str, step: str, resource: str, error: AwsFailed) -> None:
    assert type(error) is kind
    assert (error.step, error.resource) == (step, resource)
    assert error.cause
    assert action in error.action
    assert may_pass(error) is (kind in (AwsThrottled, AwsUnavailable))


def test_no_error_of_aws_leaves_a_stage_as_it_came(
    live: LiveAccount, failing: tuple[type[AwsFailed], str], pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, action = failing
    monkeypatch.setattr("pedigree.training.jobs.upload_code", lambda *_: "s3://b/code/c0de/")  # S3 fails here too
    for step, (resource, task, _service, arguments) in STAGES.items():
        with pytest.raises(AwsFailed) as told:
            task.fn(live.account, *arguments)
        require_told(kind, action, step, resource, told.value)
    on_a_dataset: dict[str, tuple[Any, Any]] = {
        "inspect": (inspect_dataset, str(pictures)),
        "dataset": (upload_dataset, Inspected(str(pictures), list_images(pictures), Scratch())),
    }
    for step, (task, given) in on_a_dataset.items():
        with pytest.raises(AwsFailed) as told:
            task.fn(live.account, given)
        require_told(kind, action, step, str(pictures), told.value)


def test_an_account_that_does_not_answer_is_told_by_the_operation(live: LiveAccount) -> None:
    live.aws.add_fault("cloudformation", "*", code="ExpiredToken", times=10)
    with pytest.raises(SignInNeeded) as told:
        find_account.fn(Environment(credentials=live.account.project, project=live.account.project))
    require_told(SignInNeeded, f"the keys of the credentials {live.account.project}", "DescribeStacks", live.account.project, told.value)


def test_a_machine_that_reaches_nothing_says_where_it_knocked(live: LiveAccount) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    connect(live.account.credentials, boto3.Session("a", "b", region_name="us-east-1"), endpoint_url=url)
    with pytest.raises(AwsUnavailable, match=f"confirmation: pedigree: GetAlias pedigree: .*{url}") as told:
        confirm_endpoint.fn(live.account, DONE["endpoint"], DONE["function"], DONE["registry"])
    require_told(AwsUnavailable, "`make up`", "confirmation", "pedigree", told.value)

"""Managed spot training, checkpoints that are copied while a job runs, and instance types of which there are none left."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from local_aws.training.interruptions import Interruption, Interruptions
from local_aws.training.job import SPOT_SHARE, Job
from tests.lab.processes import wait_until
from tests.lab.running_aws import CONTAINER, RunningAws, allow
from tests.lab.sagemaker_hosting import error_of
from tests.lab.sagemaker_training import SAGEMAKER, Jobs, make_jobs

GPU = "ml.p3.8xlarge"  # no other test asks for one
SPOT = {"EnableManagedSpotTraining": True, "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 900}}
COUNTS = """
import os, signal, sys, time
base = os.environ["SAGEMAKER_BASE_DIR"]
file = base + "/checkpoints/step"
def save(name):
    with open(file + ".new", "w") as new:
        new.write(f"{step} {name}")
    os.replace(file + ".new", file)
def told(*_):
    save("told to end")
    sys.exit(143)
signal.signal(signal.SIGTERM, told)
step, how = open(file).read().split(" ", 1) if os.path.exists(file) else (0, "nothing")
step = int(step)
print(f"begins at {step} after {how}", flush=True)
open(base + "/left-behind", "x").close()
while step < 4:
    step += 1
    save("a step")
    print(f"step {step}", flush=True)
    time.sleep(SECONDS)
open(base + "/model/steps", "w").write(str(step))
"""


@pytest.fixture(scope="module")
def jobs(aws: RunningAws) -> Jobs:
    return make_jobs(aws)


@pytest.fixture
def supplied_aws(aws: RunningAws) -> Iterator[RunningAws]:
    """The session's server for tests that take instances away: all are back afterwards."""
    yield aws
    aws.control("DELETE", "interruptions")
    aws.control("DELETE", "capacity")


def counting(jobs: Jobs, *, seconds: float = 0.01, **changes: Any) -> dict[str, Any]:
    request = jobs.request(COUNTS.replace("SECONDS", str(seconds)), **(SPOT | changes))
    return request | {"CheckpointConfig": {"S3Uri": f"s3://{jobs.bucket}/checkpoints/{request['TrainingJobName']}"}}


def start(jobs: Jobs, request: dict[str, Any]) -> str:
    jobs.client.create_training_job(**request)
    return str(request["TrainingJobName"])


def checkpoint(jobs: Jobs, name: str) -> str:
    s3 = jobs.aws.client("s3")
    if not s3.list_objects_v2(Bucket=jobs.bucket, Prefix=f"checkpoints/{name}/step").get("KeyCount"):
        return ""
    return str(s3.get_object(Bucket=jobs.bucket, Key=f"checkpoints/{name}/step")["Body"].read().decode())


def statuses(job: dict[str, Any]) -> list[str]:
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]


def test_an_interrupted_spot_job_goes_on_from_its_checkpoint_on_a_fresh_machine(supplied_aws: RunningAws, jobs: Jobs) -> None:
    request = counting(jobs, seconds=0.3)
    name = request["TrainingJobName"]
    supplied_aws.control("POST", "interruptions", {"job": name, "line": "^step 2$"})
    job = jobs.wait(start(jobs, request))
    assert job["TrainingJobStatus"] == "Completed"
    launch = ["Starting", "Downloading", "Training"]
    assert statuses(job) == [*launch, "Interrupted", *launch, "Uploading", "Completed"]
    assert sorted(jobs.log(name)) == ["begins at 0 after nothing", "begins at 2 after told to end", *(f"step {n}" for n in (1, 2, 3, 4))]
    assert jobs.artifact(name) == {"steps": "4"}
    assert job["BillableTimeInSeconds"] <= max(1, job["TrainingTimeInSeconds"] * SPOT_SHARE)
    assert supplied_aws.control("GET", "interruptions") == []


def test_a_job_that_is_not_spot_keeps_its_instances(supplied_aws: RunningAws, jobs: Jobs) -> None:
    request = counting(jobs, EnableManagedSpotTraining=False, StoppingCondition={"MaxRuntimeInSeconds": 600})
    supplied_aws.control("POST", "interruptions", {"job": request["TrainingJobName"]})
    job = jobs.wait(start(jobs, request))
    assert "Interrupted" not in statuses(job)
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"]


def test_checkpoints_are_in_s3_while_the_job_runs(supplied_aws: RunningAws, jobs: Jobs) -> None:
    name = start(jobs, counting(jobs, seconds=600))
    wait_until(lambda: checkpoint(jobs, name) == "1 a step", "the checkpoint never came to S3")
    assert jobs.describe(name)["SecondaryStatus"] == "Training"
    jobs.client.stop_training_job(TrainingJobName=name)
    assert jobs.wait(name)["TrainingJobStatus"] == "Stopped"
    assert checkpoint(jobs, name) == "1 told to end"


def test_a_script_that_ignores_the_interruption_is_killed_and_started_again(supplied_aws: RunningAws, jobs: Jobs) -> None:
    ignores = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
file = os.environ["SAGEMAKER_BASE_DIR"] + "/checkpoints/been"
if not os.path.exists(file):
    open(file, "x").close()
    print("ready", flush=True)
    time.sleep(600)
"""
    request = jobs.request(ignores, **SPOT)
    name = request["TrainingJobName"]
    jobs.client.create_training_job(**request, CheckpointConfig={"S3Uri": f"s3://{jobs.bucket}/checkpoints/{name}"})
    jobs.wait_for_line(name, "ready")
    supplied_aws.control("POST", "interruptions", {"job": name})
    assert jobs.wait(name)["TrainingJobStatus"] == "Completed"


def test_without_instances_a_spot_job_waits_as_long_as_it_may(supplied_aws: RunningAws, jobs: Jobs) -> None:
    supplied_aws.control("POST", "capacity", {"instance_type": GPU})
    resources = {"InstanceType": GPU, "InstanceCount": 1, "VolumeSizeInGB": 10}
    waits = counting(jobs, ResourceConfig=resources)
    gives_up = counting(jobs, ResourceConfig=resources, StoppingCondition={"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 2})
    names = [start(jobs, request) for request in (waits, gives_up)]
    job = jobs.wait(names[1])
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert "TrainingStartTime" not in job
    assert jobs.describe(names[0])["SecondaryStatusTransitions"][-1]["StatusMessage"].startswith("Insufficient capacity error")
    supplied_aws.control("DELETE", "capacity")
    assert jobs.wait(names[0])["TrainingJobStatus"] == "Completed"


def test_without_instances_a_job_on_demand_fails_in_the_words_of_aws(supplied_aws: RunningAws, jobs: Jobs) -> None:
    supplied_aws.control("POST", "capacity", {"instance_type": GPU})
    assert supplied_aws.control("GET", "capacity") == [{"instance_type": GPU}]
    job = jobs.run("", ResourceConfig={"InstanceType": GPU, "InstanceCount": 1, "VolumeSizeInGB": 10})
    assert job["FailureReason"].startswith("CapacityError: Unable to provision requested ML compute capacity.")
    assert "BillableTimeInSeconds" not in job


def test_checkpoints_that_may_not_be_written_fail_the_job(jobs: Jobs) -> None:
    objects = f"arn:aws:s3:::{jobs.bucket}"
    only = [allow("s3:ListBucket", objects), allow("s3:GetObject", f"{objects}/*"), allow("s3:PutObject", f"{objects}/jobs/*")]
    role = jobs.aws.make_role(CONTAINER, *only, trusts=SAGEMAKER)
    job = jobs.wait(start(jobs, counting(jobs, RoleArn=role)))
    assert job["FailureReason"].startswith("ClientError: Checkpoint upload failed: An error occurred (AccessDenied)")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds. It must be present"),
        (SPOT | {"StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 599}}, "greater than or equal to MaxRuntime"),
        (SPOT | {"EnableManagedSpotTraining": False}, "managed spot training only"),
        ({"CheckpointConfig": {"S3Uri": "s3://bucket/c", "LocalPath": "/opt/elsewhere"}}, "keeps checkpoints in /opt/ml/checkpoints only"),
    ],
)
def test_a_spot_job_that_cannot_work_is_refused(jobs: Jobs, changes: dict[str, Any], reason: str) -> None:
    error = error_of(lambda: jobs.start("", **changes))["Error"]
    assert error["Code"] == "ValidationException"
    assert reason in error["Message"]


def test_interruptions_strike_once_and_in_their_order() -> None:
    interruptions, struck = Interruptions(), list[tuple[str, float]]()
    for seconds in (1, 2):
        interruptions.add({"job": "train", "line": "epoch=1 ", "seconds": seconds})
    for name in ("train-1", "evaluate-1"):
        interruptions.watch(name, lambda found, name=name: struck.append((name, found.seconds)))  # type: ignore[misc]
    for name, line in [("evaluate-1", "epoch=1 "), ("train-1", "epoch=11 "), ("train-1", "epoch=1 loss"), ("train-2", "epoch=1 ")]:
        interruptions.read(name, line)
    assert struck == [("train-1", 1)]
    interruptions.add({"job": "evaluate"})
    assert struck[1:] == [("evaluate-1", 0.0)]
    assert interruptions.list() == [{"job": "train", "line": "epoch=1 ", "seconds": 2}]


def test_an_interruption_without_a_line_waits_for_its_job() -> None:
    interruptions, struck = Interruptions(), list[Interruption]()
    interruptions.add({"job": "train"})
    interruptions.watch("train-1", struck.append)
    assert [found.job for found in struck] == ["train"]


@pytest.mark.parametrize(
    ("control", "specification", "reason"),
    [
        ("interruptions", {"line": "x"}, "an interruption is a JSON object with job"),
        ("interruptions", {"job": "x", "when": 1}, "an interruption is a JSON object with job"),
        ("interruptions", {"job": "x", "seconds": "1"}, "seconds must be int or float"),
        ("interruptions", {"job": "x", "line": "("}, "line is not a regular expression"),
        ("capacity", {}, "a shortage is a JSON object with instance_type"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(aws: RunningAws, control: str, specification: Any, reason: str) -> None:
    with pytest.raises(HTTPError) as raised:
        aws.control("POST", control, specification)
    assert raised.value.code == 400
    assert reason in json.load(raised.value)["error"]


def test_the_time_without_instances_does_not_count() -> None:
    job = Job(
        {"TrainingJobName": "one", "EnableManagedSpotTraining": True, "ResourceConfig": {"InstanceType": GPU, "InstanceCount": 2}}, "arn"
    )
    job.launch()
    job.interrupt()
    trained = job.seconds
    job.enter("Starting")
    assert job.seconds == trained > 0
    assert job.instances == {("spot training job", GPU): 2}

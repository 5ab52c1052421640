"""Training jobs through boto3: the container contract, the states, and AWS's own errors."""

import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.lab.running_aws import CONTAINER, RunningAws, allow
from tests.lab.sagemaker_hosting import error_of as response_of
from tests.lab.sagemaker_training import ENTRYPOINT, IMAGE, SAGEMAKER, Jobs, make_jobs


@pytest.fixture(scope="module")
def jobs(aws: RunningAws) -> Jobs:
    return make_jobs(aws)


SEES = """
import json, os, sys
base = os.environ["SAGEMAKER_BASE_DIR"]
config = {name: json.load(open(f"{base}/input/config/{name}.json")) for name in ("hyperparameters", "inputdataconfig", "resourceconfig")}
files = sorted(os.path.relpath(os.path.join(folder, name), base) for folder, _, names in os.walk(base + "/input/data") for name in names)
seen = {"config": config, "files": files, "environment": dict(os.environ), "path": sys.path}
json.dump(seen, open(f"{base}/model/seen.json", "w"))
"""


def test_a_script_finds_the_container_contract(jobs: Jobs) -> None:
    jobs.put("data/one/train/a.txt", "a")
    jobs.put("data/one/train/deep/b.txt", "b")
    request = jobs.request(SEES, HyperParameters={"epochs": "3"}, Environment={"GREETING": "hello"})
    request["InputDataConfig"].append(jobs.channel("train", "data/one/train"))
    jobs.client.create_training_job(**request)
    name = request["TrainingJobName"]
    assert jobs.wait(name)["TrainingJobStatus"] == "Completed"
    seen = json.loads(jobs.artifact(name)["seen.json"])
    assert seen["files"] == ["input/data/code/train.py", "input/data/train/a.txt", "input/data/train/deep/b.txt"]
    assert seen["config"]["hyperparameters"] == {"epochs": "3"}
    assert set(seen["config"]["inputdataconfig"]) == {"code", "train"}
    resources = seen["config"]["resourceconfig"]
    assert (resources["current_host"], resources["hosts"], resources["current_instance_type"]) == ("algo-1", ["algo-1"], "ml.m5.large")
    environment = seen["environment"]
    assert (environment["GREETING"], environment["TRAINING_JOB_NAME"], environment["MASTER_ADDR"]) == ("hello", name, "127.0.0.1")
    assert environment["HOME"].startswith(environment["SAGEMAKER_BASE_DIR"])


def test_a_script_sees_its_channel_and_not_this_repository(jobs: Jobs) -> None:
    job = jobs.run("import local_aws")
    assert job["TrainingJobStatus"] == "Failed"
    assert any("ModuleNotFoundError: No module named 'local_aws'" in line for line in jobs.log(job["TrainingJobName"]))


def test_other_code_gives_another_result(jobs: Jobs) -> None:
    write = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/answer', 'w').write('{}')"
    answers = [jobs.artifact(jobs.run(write.format(text))["TrainingJobName"])["answer"] for text in ("one", "another")]
    assert answers == ["one", "another"]


def test_a_completed_job_tells_what_happened(jobs: Jobs) -> None:
    job = jobs.run("print('epoch 1'); print('done')")
    name = job["TrainingJobName"]
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert all(step["EndTime"] >= step["StartTime"] for step in job["SecondaryStatusTransitions"])
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{jobs.bucket}/jobs/{name}/output/model.tar.gz"
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1
    assert job["TrainingEndTime"] >= job["TrainingStartTime"] >= job["CreationTime"]
    assert "FailureReason" not in job
    assert jobs.log(name) == ["epoch 1", "done"]
    assert jobs.keys(name) == {"model.tar.gz"}


def test_output_data_becomes_an_archive_of_its_own(jobs: Jobs) -> None:
    job = jobs.run("import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/output/data/report.txt', 'w').write('fine')")
    assert jobs.artifact(job["TrainingJobName"], "output.tar.gz") == {"report.txt": "fine"}


def test_metrics_are_read_from_the_log(jobs: Jobs) -> None:
    request = jobs.request("print('accuracy=0.50 loss=nan'); print('accuracy=0.75')")
    definitions = [{"Name": metric, "Regex": rf"{metric}=(\S+)"} for metric in ("accuracy", "loss")]
    request["AlgorithmSpecification"]["MetricDefinitions"] = definitions
    jobs.client.create_training_job(**request)
    job = jobs.wait(request["TrainingJobName"])
    assert [(metric["MetricName"], metric["Value"]) for metric in job["FinalMetricDataList"]] == [("accuracy", 0.75)]
    metrics = jobs.aws.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/TrainingJobs")["Metrics"]
    assert {"Name": "TrainingJobName", "Value": job["TrainingJobName"]} in [metric["Dimensions"][0] for metric in metrics]


FAILS = """
import os
base = os.environ["SAGEMAKER_BASE_DIR"]
open(base + "/output/failure", "w").write("the learning rate is no number")
open(base + "/model/half", "w").write("x")
open(base + "/output/data/trace", "w").write("so far")
raise SystemExit(7)
"""


def test_a_failing_script_fails_the_job_with_its_own_words(jobs: Jobs) -> None:
    job = jobs.run(FAILS)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == "AlgorithmError: the learning rate is no number, exit code: 7"
    assert "ModelArtifacts" not in job
    assert jobs.keys(job["TrainingJobName"]) == {"output.tar.gz"}


def test_an_empty_channel_fails_the_job(jobs: Jobs) -> None:
    jobs.put("nothing/here/", "")  # the marker of a folder
    job = jobs.run("", InputDataConfig=[jobs.channel("code", "nothing/here")])
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f'ClientError: No S3 objects found under S3 URL "s3://{jobs.bucket}/nothing/here"')


def test_the_role_must_be_allowed_to_read_the_data(jobs: Jobs) -> None:
    role = jobs.aws.make_role(CONTAINER, allow("s3:ListBucket", f"arn:aws:s3:::{jobs.bucket}"), trusts=SAGEMAKER)
    job = jobs.run("", RoleArn=role)
    assert job["TrainingJobStatus"] == "Failed"
    assert "AccessDenied" in job["FailureReason"]


RANKED = """
import json, os
base = os.environ["SAGEMAKER_BASE_DIR"]
me = json.load(open(base + "/input/config/resourceconfig.json"))
print(me["current_host"], "of", ",".join(me["hosts"]))
data = sorted(os.listdir(base + "/input/data/train"))
open(f"{base}/model/{me['current_host']}", "w").write(",".join(data))
"""


def test_every_host_runs_and_writes_into_one_model(jobs: Jobs) -> None:
    for number in range(4):
        jobs.put(f"data/four/{number}", "x")
    request = jobs.request(RANKED)
    request["ResourceConfig"]["InstanceCount"] = 2
    request["InputDataConfig"].append(jobs.channel("train", "data/four/", S3DataDistributionType="ShardedByS3Key"))
    jobs.client.create_training_job(**request)
    name = jobs.wait(request["TrainingJobName"])["TrainingJobName"]
    assert jobs.artifact(name) == {"algo-1": "0,2", "algo-2": "1,3"}
    assert jobs.log(name, "algo-2") == ["algo-2 of algo-1,algo-2"]


def test_one_failing_host_ends_the_others(jobs: Jobs) -> None:
    script = """
import json, os, time
base = os.environ["SAGEMAKER_BASE_DIR"]
if json.load(open(base + "/input/config/resourceconfig.json"))["current_host"] == "algo-2":
    open(base + "/output/failure", "w").write("out of luck")
    raise SystemExit(1)
time.sleep(600)
"""
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    job = jobs.run(script, ResourceConfig=resources)
    assert job["FailureReason"] == "AlgorithmError: out of luck, exit code: 1"


SAVES_ON_SIGTERM = """
import os, signal, sys, time
def save(*_):
    open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/saved", "w").write("in time")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("ready")
time.sleep(600)
"""


def test_a_stopped_job_keeps_what_it_saved(jobs: Jobs) -> None:
    name = jobs.start(SAVES_ON_SIGTERM)
    jobs.wait_for_line(name, "ready")
    jobs.client.stop_training_job(TrainingJobName=name)
    assert jobs.describe(name)["TrainingJobStatus"] in {"Stopping", "Stopped"}
    job = jobs.wait(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "Stopping" in [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert jobs.artifact(name) == {"saved": "in time"}


def test_a_job_can_be_stopped_while_its_input_is_downloaded(faultless_aws: RunningAws, jobs: Jobs) -> None:
    faultless_aws.add_fault("s3", "ListObjectsV2", delay=0.5)
    name = jobs.start("print('ready')")
    jobs.client.stop_training_job(TrainingJobName=name)
    job = jobs.wait(name)
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Stopped", None)


def test_a_job_that_runs_too_long_is_stopped(jobs: Jobs) -> None:
    job = jobs.run(SAVES_ON_SIGTERM, StoppingCondition={"MaxRuntimeInSeconds": 2})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_script_that_ignores_the_stop_is_killed(jobs: Jobs) -> None:
    name = jobs.start("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)")
    jobs.wait_for_line(name, "ready")
    jobs.client.stop_training_job(TrainingJobName=name)
    job = jobs.wait(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert "ModelArtifacts" not in job


def test_checkpoints_come_back_to_the_next_attempt(jobs: Jobs) -> None:
    script = """
import os
file = os.environ["SAGEMAKER_BASE_DIR"] + "/checkpoints/epoch"
epoch = int(open(file).read()) if os.path.exists(file) else 0
print("epoch", epoch)
open(file, "w").write(str(epoch + 1))
"""
    checkpoints = {"S3Uri": f"s3://{jobs.bucket}/checkpoints/one"}
    names = [jobs.run(script, CheckpointConfig=checkpoints)["TrainingJobName"] for _ in range(2)]
    assert [jobs.log(name) for name in names] == [["epoch 0"], ["epoch 1"]]


def error_of(call: Callable[[], object]) -> tuple[str, str]:
    error = response_of(call)["Error"]
    return error["Code"], error["Message"]


def test_a_name_is_used_once(jobs: Jobs) -> None:
    request = jobs.request("")
    arn = jobs.client.create_training_job(**request)["TrainingJobArn"]
    code, message = error_of(lambda: jobs.client.create_training_job(**request))
    assert code == "ResourceInUse"
    assert message == f"Job name must be unique within an AWS account and region, and a training job with this name already exists ({arn})"


def test_unknown_jobs_are_not_found(jobs: Jobs) -> None:
    for operation in (jobs.client.describe_training_job, jobs.client.stop_training_job, jobs.client.delete_training_job):
        assert error_of(partial(operation, TrainingJobName="nobody")) == ("ValidationException", "Requested resource not found.")


def test_a_finished_job_cannot_be_stopped_but_deleted(jobs: Jobs) -> None:
    name = jobs.run("")["TrainingJobName"]
    code, message = error_of(lambda: jobs.client.stop_training_job(TrainingJobName=name))
    assert (code, message) == ("ValidationException", "The request was rejected because the training job is in status Completed.")
    jobs.client.delete_training_job(TrainingJobName=name)
    assert error_of(lambda: jobs.describe(name))[0] == "ValidationException"


def test_requests_that_cannot_work_are_refused(jobs: Jobs) -> None:
    def refused(**changes: Any) -> str:
        code, message = error_of(lambda: jobs.client.create_training_job(**jobs.request("", **changes)))
        assert code == "ValidationException"
        return message

    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerEntrypoint": ENTRYPOINT}
    unknown = "123456789012.dkr.ecr.us-east-1.amazonaws.com/nobodys:1"
    assert "Cannot find repository: nobodys in registry ID: 123456789012" in refused(
        AlgorithmSpecification=algorithm | {"TrainingImage": unknown}
    )
    assert "S3 URI" in refused(OutputDataConfig={"S3OutputPath": "https://somewhere"})
    twice = [jobs.channel("code", "code/"), jobs.channel("code", "code/")]
    assert "unique" in refused(InputDataConfig=twice)
    metric = {"Name": "loss", "Regex": "("}
    assert "Invalid regular expression for metric loss" in refused(AlgorithmSpecification=algorithm | {"MetricDefinitions": [metric]})


def test_jobs_are_listed_by_name_and_status_page_by_page(jobs: Jobs) -> None:
    prefix = uuid.uuid4().hex[:8]
    jobs.put("nothing/", "")
    for number in range(3):
        jobs.run("", TrainingJobName=f"{prefix}-{number}", InputDataConfig=[jobs.channel("code", "nothing/")])
    paginator = jobs.client.get_paginator("list_training_jobs")
    pages = list(paginator.paginate(NameContains=prefix, StatusEquals="Failed", PaginationConfig={"PageSize": 2}))
    names = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert names == [[f"{prefix}-2", f"{prefix}-1"], [f"{prefix}-0"]]
    assert not jobs.client.list_training_jobs(NameContains=prefix, StatusEquals="Completed")["TrainingJobSummaries"]


def test_a_search_is_refused_and_is_no_bug(jobs: Jobs) -> None:
    name = jobs.start("")
    error = response_of(lambda: jobs.client.search(Resource="TrainingJob"))["Error"]
    assert (error["Code"], "does not execute sagemaker:Search" in error["Message"]) == ("UnknownOperationException", True)
    jobs.wait(name)

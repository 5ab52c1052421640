"""Transform jobs really ask a model server, under the model's role, and end as AWS's do."""

import json
from typing import Any

import pytest

from tests.lab.processes import alive, wait_until
from tests.lab.running_aws import RunningAws, allow
from tests.lab.sagemaker_hosting import BROKEN, error_of, refusal_of
from tests.lab.sagemaker_transform import Transforms, make_transforms


@pytest.fixture(scope="module")
def transforms(aws: RunningAws) -> Transforms:
    return make_transforms(aws)


@pytest.fixture(scope="module")
def model(transforms: Transforms) -> str:
    return transforms.hosted.model()


def test_every_object_of_a_manifest_is_answered_once_under_its_name(transforms: Transforms, model: str) -> None:
    keys = [f"in/deep/{number}.json" for number in range(8)]
    for number, key in enumerate(keys):
        transforms.put(key, json.dumps(number).encode())
    job = transforms.run(model, transforms.manifest(*keys[:6]), MaxConcurrentTransforms=3)
    assert job["TransformJobStatus"] == "Completed"
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    answers = transforms.answers(job["TransformJobName"])
    assert {name: json.loads(body)["sent"] for name, body in answers.items()} == {f"{key}.out": n for n, key in enumerate(keys[:6])}
    assert len({json.loads(body)["process"] for body in answers.values()}) == 1


def test_a_prefix_is_a_prefix_and_its_folders_stay(transforms: Transforms, model: str) -> None:
    for key in ("in/p/a.json", "in/p/q/b.json", "in/pq.json"):
        transforms.put(key, b"1")
    job = transforms.run(model, transforms.prefix("in/p/"))
    assert set(transforms.answers(job["TransformJobName"])) == {"a.json.out", "q/b.json.out"}
    job = transforms.run(model, transforms.prefix("in/p"))
    assert set(transforms.answers(job["TransformJobName"])) == {"p/a.json.out", "p/q/b.json.out", "pq.json.out"}


def test_an_object_that_is_refused_fails_the_job_and_the_others_are_answered(transforms: Transforms, model: str) -> None:
    for name, sent in (("good", "hello"), ("bad", "refuse"), ("broken", "raise"), ("fine", "hello")):
        transforms.put(f"in/{name}", json.dumps(sent).encode())
    job = transforms.run(model, transforms.manifest("in/good", "in/bad", "in/broken", "in/fine", "in/gone"))
    assert (job["TransformJobStatus"], job["FailureReason"]) == ("Failed", "ClientError: See job logs for more information")
    assert set(transforms.answers(job["TransformJobName"])) == {"in/good.out", "in/fine.out"}
    log = transforms.log(job["TransformJobName"])
    assert "in/bad: Bad HTTP status received from algorithm: 422" in log
    assert "in/broken: Bad HTTP status received from algorithm: 500" in log
    assert "in/gone: ClientError" in log


def test_a_server_that_dies_is_started_again(transforms: Transforms, model: str) -> None:
    for name, sent in (("die", "die"), ("live", "hello")):
        transforms.put(f"in/{name}", json.dumps(sent).encode())
    job = transforms.run(model, transforms.manifest("in/die", "in/live"), ModelClientConfig={"InvocationsMaxRetries": 0})
    assert job["TransformJobStatus"] == "Failed"
    assert "in/die: Bad HTTP status received from algorithm: 0" in transforms.log(job["TransformJobName"])


LINES = {"given": {"SplitType": "Line"}, "out": {"AssembleWith": "Line"}}


def test_lines_are_records_one_by_one_or_many_at_a_time(transforms: Transforms, model: str) -> None:
    transforms.put("in/lines", b'"one"\n"two"\n')
    job = transforms.run(model, transforms.manifest("in/lines"), BatchStrategy="SingleRecord", **LINES)
    lines = transforms.answers(job["TransformJobName"])["in/lines.out"].splitlines()
    assert [json.loads(line)["sent"] for line in lines] == ["one", "two"]
    transforms.put("in/numbers", b"1\n")
    job = transforms.run(model, transforms.manifest("in/numbers"), BatchStrategy="MultiRecord", **LINES)
    assert json.loads(transforms.answers(job["TransformJobName"])["in/numbers.out"])["sent"] == 1


def test_an_object_above_the_payload_is_refused(transforms: Transforms, model: str) -> None:
    transforms.put("in/large", b'"' + 1024 * 1024 * b"x" + b'"')
    job = transforms.run(model, transforms.manifest("in/large"), MaxPayloadInMB=1)
    assert job["TransformJobStatus"] == "Failed"
    assert "larger than MaxPayloadInMB" in transforms.log(job["TransformJobName"])


def test_stop_ends_the_server_and_what_was_answered_stays(transforms: Transforms, model: str) -> None:
    transforms.put("in/first", b'"hello"')
    transforms.put("in/slow", json.dumps({"sleep": 600}).encode())
    name = transforms.start(model, transforms.manifest("in/first", "in/slow"))
    wait_until(lambda: transforms.answers(name), "the first was not answered")
    process = json.loads(transforms.answers(name)["in/first.out"])["process"]
    transforms.hosted.client.stop_transform_job(TransformJobName=name)
    assert transforms.wait(name)["TransformJobStatus"] == "Stopped"
    wait_until(lambda: not alive(process), "the server lives on")
    assert set(transforms.answers(name)) == {"in/first.out"}
    assert "in status Stopped" in refusal_of(lambda: transforms.hosted.client.stop_transform_job(TransformJobName=name))


def test_a_model_that_does_not_come_up_fails_the_job(transforms: Transforms) -> None:
    transforms.put("in/a", b"1")
    job = transforms.run(transforms.hosted.model(script=BROKEN), transforms.manifest("in/a"))
    assert job["TransformJobStatus"] == "Failed"
    assert "did not pass the ping health check" in job["FailureReason"]
    assert "these weights do not fit" in transforms.log(job["TransformJobName"])


def test_the_role_of_the_model_reads_and_writes(transforms: Transforms, model: str) -> None:
    transforms.put("elsewhere/a", b"1")
    denied = transforms.run(model, transforms.manifest("elsewhere/a"))
    assert denied["TransformJobStatus"] == "Failed"
    assert "elsewhere/a: ClientError: An error occurred (AccessDenied)" in transforms.log(denied["TransformJobName"])
    transforms.put("in/a", b"1")
    out = {"S3OutputPath": f"s3://{transforms.hosted.bucket}/elsewhere"}
    denied = transforms.run(model, transforms.manifest("in/a"), out=out)
    assert denied["TransformJobStatus"] == "Failed"
    unreadable = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{transforms.hosted.bucket}/elsewhere/a"}
    assert "AccessDenied" in transforms.run(model, unreadable)["FailureReason"]


def test_the_caller_needs_the_right_to_create_it(transforms: Transforms, model: str) -> None:
    aws = transforms.hosted.aws
    may = aws.as_role(allow("sagemaker:CreateTransformJob", "arn:aws:sagemaker:us-east-1:123456789012:transform-job/mine-*"))
    sagemaker = aws.client("sagemaker", may)
    request = transforms.request(model, transforms.prefix("in/p/"))
    assert error_of(lambda: sagemaker.create_transform_job(**request))["Error"]["Code"] == "AccessDeniedException"
    sagemaker.create_transform_job(**{**request, "TransformJobName": "mine-" + request["TransformJobName"]})
    transforms.wait("mine-" + request["TransformJobName"])


def test_a_name_is_taken_for_good(transforms: Transforms, model: str) -> None:
    transforms.put("in/a", b"1")
    request = transforms.request(model, transforms.manifest("in/a"), Tags=[{"Key": "of", "Value": "us"}])
    arn = transforms.hosted.client.create_transform_job(**request)["TransformJobArn"]
    transforms.wait(request["TransformJobName"])
    assert error_of(lambda: transforms.hosted.client.create_transform_job(**request))["Error"]["Code"] == "ResourceInUse"
    assert transforms.hosted.client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "of", "Value": "us"}]
    (found,) = transforms.hosted.client.list_transform_jobs(NameContains=request["TransformJobName"])["TransformJobSummaries"]
    assert (found["TransformJobStatus"], found["TransformJobArn"]) == ("Completed", arn)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ModelName": "missing"}, "Could not find model"),
        ({"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 50}, "must not exceed 100 MB"),
        ({"BatchStrategy": "MultiRecord"}, "needs a SplitType"),
        ({"DataProcessing": {"InputFilter": "$"}}, "without DataProcessing"),
    ],
)
def test_what_aws_refuses_is_refused(transforms: Transforms, model: str, changes: dict[str, Any], words: str) -> None:
    request = transforms.request(model, transforms.prefix("in/")) | changes
    assert words in refusal_of(lambda: transforms.hosted.client.create_transform_job(**request))
    assert "Could not find requested job" in refusal_of(lambda: transforms.describe(request["TransformJobName"]))


def test_nothing_to_transform_is_refused(transforms: Transforms, model: str) -> None:
    request = transforms.request(model, transforms.prefix("in/nothing/"))
    assert refusal_of(lambda: transforms.hosted.client.create_transform_job(**request)).startswith("No S3 objects found under S3 URL")


def test_there_are_as_many_instances_as_the_quota_says(faultless_aws: RunningAws, transforms: Transforms, model: str) -> None:
    quota = {"service": "sagemaker", "name": "ml.m5.large for transform job usage", "value": 0}
    faultless_aws.control("POST", "quotas", quota)
    try:
        request = transforms.request(model, transforms.prefix("in/p/"))
        assert error_of(lambda: transforms.hosted.client.create_transform_job(**request))["Error"]["Code"] == "ResourceLimitExceeded"
    finally:
        faultless_aws.control("DELETE", "quotas")


def test_the_metrics_are_those_of_the_host(transforms: Transforms, model: str) -> None:
    transforms.put("in/a", b"1")
    job = transforms.run(model, transforms.manifest("in/a"))
    metrics = transforms.hosted.aws.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/TransformJobs")["Metrics"]
    hosts = [item["Value"] for metric in metrics for item in metric["Dimensions"] if item["Name"] == "Host"]
    assert any(host.startswith(job["TransformJobName"] + "/i-") for host in hosts)

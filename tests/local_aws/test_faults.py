import json
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from local_aws.faults import Faults
from tests.lab.running_aws import RunningAws

ONCE: dict[str, Any] = {"config": Config(retries={"total_max_attempts": 1})}


def test_a_fault_strikes_as_often_as_it_says() -> None:
    faults = Faults()
    faults.add({"service": "s3", "operation": "GetObject", "code": "SlowDown", "times": 2})
    assert [bool(faults.take("s3", "GetObject")) for _ in range(3)] == [True, True, False]


def test_faults_strike_in_the_order_they_were_set() -> None:
    faults = Faults()
    for code in ("A", "B"):
        faults.add({"service": "s3", "operation": "*", "code": code})
    taken = [faults.take("s3", operation) for operation in ("GetObject", "PutObject")]
    assert [fault.code for fault in taken if fault] == ["A", "B"]
    assert faults.take("sagemaker", "GetObject") is None


@pytest.mark.parametrize(
    ("specification", "reason"),
    [
        ([], "a fault is a JSON object"),
        ({"service": "s3"}, "missing fields ['operation']"),
        ({"service": "s3", "operation": "*", "error": "x"}, "unknown fields ['error']"),
        ({"service": "s3", "operation": "*"}, "needs a code, drop or a delay"),
        ({"service": "s3", "operation": "*", "code": "X", "when": "during"}, "when must be one of"),
        ({"service": "s3", "operation": "*", "code": "X", "times": 0}, "times must be at least 1"),
        ({"service": "s3", "operation": "*", "code": "X", "times": True}, "times must be int"),
        ({"service": "s3", "operation": "*", "code": "X", "delay": "1"}, "delay must be int or float"),
        ({"service": "s3", "operation": "*", "code": "X", "status": 200}, "status must be an error"),
    ],
)
def test_a_wrong_fault_is_refused_with_the_reason(specification: Any, reason: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the message is what is tested
        Faults().add(specification)
    assert reason in str(raised.value)


def test_before_means_that_nothing_happened(faultless_aws: RunningAws) -> None:
    aws, bucket = faultless_aws, faultless_aws.make_bucket()
    fault = aws.add_fault("s3", "PutObject", code="SlowDown", message="Please reduce your request rate.", status=503)
    with pytest.raises(ClientError, match=r"SlowDown.*reduce your request rate") as raised:
        aws.client("s3", **ONCE).put_object(Bucket=bucket, Key="a", Body=b"1")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=bucket)
    struck = [entry for entry in aws.journal() if entry.fault == fault]
    assert [(entry.action, entry.outcome) for entry in struck] == [("s3:PutObject", "SlowDown")]


def test_after_means_that_only_the_answer_is_lost(faultless_aws: RunningAws) -> None:
    aws, bucket = faultless_aws, faultless_aws.make_bucket()
    aws.add_fault("s3", "PutObject", code="InternalError", status=500, when="after")
    with pytest.raises(ClientError, match="InternalError"):
        aws.client("s3", **ONCE).put_object(Bucket=bucket, Key="a", Body=b"1")
    assert aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1


@pytest.mark.parametrize(("when", "made"), [("before", False), ("after", True)])
def test_a_connection_can_be_dropped(faultless_aws: RunningAws, when: str, made: bool) -> None:  # noqa: FBT001
    aws, name = faultless_aws, f"dropped-{when}"
    fault = aws.add_fault("sagemaker", "CreateModelPackageGroup", drop=True, when=when)
    with pytest.raises(ConnectionClosedError):
        aws.client("sagemaker", **ONCE).create_model_package_group(ModelPackageGroupName=name)
    groups = aws.client("sagemaker").list_model_package_groups(NameContains=name)["ModelPackageGroupSummaryList"]
    assert bool(groups) is made
    assert [entry.outcome for entry in aws.journal() if entry.fault == fault] == ["dropped"]


def test_an_error_has_the_shape_of_its_service(faultless_aws: RunningAws) -> None:
    faultless_aws.add_fault("sagemaker", "DescribeEndpoint", code="ThrottlingException", message="Rate exceeded")
    with pytest.raises(ClientError, match=r"\(ThrottlingException\).*Rate exceeded"):
        faultless_aws.client("sagemaker", **ONCE).describe_endpoint(EndpointName="e")


def test_a_delay_alone_changes_nothing_else(faultless_aws: RunningAws) -> None:
    faultless_aws.add_fault("s3", "ListBuckets", delay=0.01)
    faultless_aws.client("s3").list_buckets()
    assert faultless_aws.control("GET", "faults") == []


def test_faults_are_listed_and_cleared(faultless_aws: RunningAws) -> None:
    fault = faultless_aws.add_fault("s3", "*", code="X")
    assert [(item["id"], item["service"]) for item in faultless_aws.control("GET", "faults")] == [(fault, "s3")]
    faultless_aws.clear_faults()
    assert faultless_aws.control("GET", "faults") == []


def test_the_control_path_says_what_is_wrong(faultless_aws: RunningAws) -> None:
    with pytest.raises(HTTPError) as raised:
        faultless_aws.add_fault("s3", "*", when="later", code="X")
    assert raised.value.code == 400
    assert "when must be one of" in json.load(raised.value)["error"]
    with pytest.raises(HTTPError) as raised:
        faultless_aws.control("GET", "fault")
    assert raised.value.code == 404


def test_health(aws: RunningAws) -> None:
    assert aws.control("GET", "health")["status"] == "ok"

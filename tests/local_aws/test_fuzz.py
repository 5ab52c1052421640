"""Every operation that is executed or kept, with inputs that its shape allows and with broken ones: an answer, and never a bug of ours.

FUZZ=50 makes as many inputs of each kind for each operation; `make fuzz` does so, and takes a while.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    EndpointResolutionError,
    FlexibleChecksumError,
    HTTPClientError,
    InvalidEndpointConfigurationError,
    MissingDependencyException,
    ParamValidationError,
)
from hypothesis import HealthCheck, Phase, assume, given, reject, settings
from moto.core.utils import get_service_model

from local_aws.catalogue import KEPT
from local_aws.members.check import TABLES
from local_aws.server import LocalAws, all_operations
from local_aws.validation.shapes import violations
from tests.lab import shapes
from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws, document, running_aws
from tests.lab.shapes import broken, valid

pytestmark = pytest.mark.server

NOT_IMPLEMENTED = 501  # what moto cannot keep is refused
EXAMPLES = int(os.environ.get("FUZZ", "4"))
UNCHECKED = Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=30)
BUCKET, ROLE, GROUP = "fuzz-bucket", "fuzz-role", "/fuzz/group"
ROLE_ARN = f"arn:aws:iam::123456789012:role/{ROLE}"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


SERVICES = sorted({*KEPT, *(service for table in TABLES for service in table.READ)})


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The operations of a local_aws that answers nobody."""
    aws = LocalAws("127.0.0.1", 0, tmp_path_factory.mktemp("aws") / "state")
    aws._server.server_close()
    for service in aws._services:
        service.close()
    return set(all_operations(aws._services))


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The error output of the server."""
    return tmp_path_factory.mktemp("fuzz") / "errors"


@pytest.fixture(scope="module")
def fuzzed(errors: Path) -> Iterator[RunningAws]:
    """A server of its own, in which some of everything exists."""
    with errors.open("w") as output, running_aws(errors=output) as aws:
        aws.control("POST", "pace", {"speed": 600})
        shapes.KNOWN.update(populate(aws))
        yield aws


def populate(aws: RunningAws) -> dict[str, Any]:
    """Make resources, and return values by the member that names them."""
    aws.client("s3").create_bucket(Bucket=BUCKET)
    aws.client("s3").put_object(Bucket=BUCKET, Key="key", Body=b"body")
    aws.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document(TRUST))
    aws.client("iam").create_user(UserName="fuzz-user")
    aws.client("logs").create_log_group(logGroupName=GROUP)
    aws.client("logs").create_log_stream(logGroupName=GROUP, logStreamName="stream")
    topic = aws.client("sns").create_topic(Name="fuzz")["TopicArn"]
    code = {"Runtime": "python3.11", "Handler": "main.handler", "Role": ROLE_ARN, "Code": {"ZipFile": archive()}}
    aws.client("lambda").create_function(FunctionName="fuzz", **code)
    aws.client("sagemaker").create_model_package_group(ModelPackageGroupName="fuzz")
    return {
        "Bucket": BUCKET,
        "Key": "key",
        "RoleName": ROLE,
        "RoleArn": ROLE_ARN,
        "Role": ROLE_ARN,
        "UserName": "fuzz-user",
        "logGroupName": GROUP,
        "logStreamName": "stream",
        "TopicArn": topic,
        "FunctionName": "fuzz",
        "ZipFile": archive(),
        "ModelPackageGroupName": "fuzz",
        "PolicyDocument": document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
        "AssumeRolePolicyDocument": document(TRUST),
        "TemplateBody": json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}),
        "S3Uri": f"s3://{BUCKET}/key",
        "S3OutputPath": f"s3://{BUCKET}/out/",
        "NextToken": "garbage",
    }


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("main.py", "def handler(event, context):\n    return event\n")
    return buffer.getvalue()


@cache
def client_of(aws: RunningAws, service: str) -> Any:
    return aws.client(service, config=UNCHECKED)


def answer_of(aws: RunningAws, service: str, operation: str, parameters: dict[str, Any]) -> tuple[int, str, str]:
    """HTTP status, error code and message; an input that botocore cannot write down is left out."""
    try:
        client_of(aws, service)._make_api_call(operation, parameters)
    except ClientError as error:
        told = error.response["Error"]
        return error.response["ResponseMetadata"]["HTTPStatusCode"], told["Code"], told.get("Message", "")
    except (EndpointResolutionError, InvalidEndpointConfigurationError):  # a part of the address is wrong, so nothing is sent
        reject()
    except HTTPClientError as error:
        assume("Invalid header" not in str(error))
        raise
    except (ParamValidationError, FlexibleChecksumError, MissingDependencyException, ValueError, TypeError, KeyError, AttributeError):
        reject()
    return 200, "", ""


def many(test: Any) -> Any:
    """Settings of hypothesis: the same inputs in every run, none made smaller, as many as FUZZ says."""
    checks = list(HealthCheck)
    return settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=checks
    )(test)


def kept(service: str) -> frozenset[str]:
    return KEPT[service].operations if service in KEPT else frozenset()


def problems(service: str, executed: set[tuple[str, str]], attempt: Callable[[str, Any], None]) -> list[str]:
    """What went wrong with the operations of a service: those that are executed and those that are kept."""
    model, found = get_service_model(service), []
    for name in sorted({name for owner, name in executed if owner == service} | kept(service)):
        shape = model.operation_model(name).input_shape
        try:
            if shape is not None:
                attempt(name, shape)
        except AssertionError as error:
            found.append(f"{name}: {error} {' '.join(getattr(error, '__notes__', ()))}")
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_shape_allows_is_answered(fuzzed: RunningAws, executed: set[tuple[str, str]], service: str) -> None:
    def attempt(operation: str, shape: Any) -> None:
        @many
        @given(valid(shape))
        def ask(parameters: dict[str, Any]) -> None:
            assert violations(service, operation, parameters) == []
            status, code, message = answer_of(fuzzed, service, operation, parameters)
            assert status < 500 or status == NOT_IMPLEMENTED, f"{code}: {message}"
            assert (service, operation) not in executed or "failed to satisfy constraint" not in message

        ask()

    assert problems(service, executed, attempt) == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_broken_is_refused(fuzzed: RunningAws, executed: set[tuple[str, str]], service: str) -> None:
    def attempt(operation: str, shape: Any) -> None:
        @many
        @given(broken(shape))
        def ask(case: tuple[dict[str, Any], str]) -> None:
            parameters, kind = case
            status, code, message = answer_of(fuzzed, service, operation, parameters)
            assert status < 500 or status == NOT_IMPLEMENTED, f"{code}: {message}"
            assert not kind or status >= 400, f"{kind} was accepted"

        ask()

    assert problems(service, executed, attempt) == []


@pytest.mark.last
def test_afterwards_every_loop_is_alive(fuzzed: RunningAws, errors: Path) -> None:
    assert "Exception in thread" not in errors.read_text()
    cloudwatch = fuzzed.client("cloudwatch")
    metric = {"Namespace": "fuzz", "MetricName": "m"}
    cloudwatch.put_metric_alarm(
        AlarmName="alive", **metric, Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold"
    )

    def alarms() -> bool:
        cloudwatch.put_metric_data(Namespace="fuzz", MetricData=[{"MetricName": "m", "Value": 5}])
        return bool(cloudwatch.describe_alarms(AlarmNames=["alive"], StateValue="ALARM")["MetricAlarms"])

    wait_until(alarms, "the alarm was never judged")

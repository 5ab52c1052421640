"""The calls of a flow that runs: it reads and writes objects, asks for roles, jobs and functions, and sends metrics and log lines."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from tests.lab.running_aws import RunningAws

TRUST = {"Service": ["lambda.amazonaws.com"]}
NAME = "footprint"
OBJECTS = 200  # keys that are written again and again


@dataclass(frozen=True)
class Mix:
    """Calls of seven services, each with the number of the request; `send` makes them in turn, signed by boto3."""

    calls: tuple[Callable[[int], object], ...]

    @classmethod
    def prepare(cls, aws: RunningAws) -> "Mix":
        """Create what the calls ask for."""
        names = ("s3", "iam", "sts", "sagemaker", "cloudwatch", "logs", "lambda")
        clients = {name: aws.client(name) for name in names}
        role, bucket = aws.make_role(trusts=TRUST, name=NAME), aws.make_bucket()
        clients["lambda"].create_function(
            FunctionName=NAME, Role=role, Runtime="python3.11", Handler="module.handler", Code={"ZipFile": zipped()}
        )
        clients["sagemaker"].create_model_package_group(ModelPackageGroupName=NAME)
        clients["logs"].create_log_group(logGroupName=NAME)
        return cls((*object_calls(clients["s3"], bucket), *record_calls(clients), *measuring_calls(clients)))

    def send(self, requests: int) -> None:
        for number, call in islice(enumerate(each for _ in count() for each in self.calls), requests):
            call(number)


def object_calls(s3: Any, bucket: str) -> tuple[Callable[[int], object], ...]:
    return (
        lambda number: s3.put_object(Bucket=bucket, Key=f"key-{number % OBJECTS}", Body=b"x" * 1000),
        lambda number: s3.get_object(Bucket=bucket, Key=f"key-{(number - 1) % OBJECTS}")["Body"].read(),
        lambda _: s3.list_objects_v2(Bucket=bucket, MaxKeys=10),
    )


def record_calls(clients: dict[str, Any]) -> tuple[Callable[[int], object], ...]:
    return (
        lambda _: clients["iam"].get_role(RoleName=NAME),
        lambda _: clients["sts"].get_caller_identity(),
        lambda _: clients["sagemaker"].list_training_jobs(MaxResults=10),
        lambda _: clients["sagemaker"].describe_model_package_group(ModelPackageGroupName=NAME),
        lambda _: clients["lambda"].get_function(FunctionName=NAME),
    )


def measuring_calls(clients: dict[str, Any]) -> tuple[Callable[[int], object], ...]:
    return (
        lambda number: clients["cloudwatch"].put_metric_data(Namespace=NAME, MetricData=[{"MetricName": "Loss", "Value": number}]),
        lambda _: clients["logs"].describe_log_groups(logGroupNamePrefix=NAME),
    )


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("module.py", "def handler(event, context):\n    return 1\n")
    return content.getvalue()

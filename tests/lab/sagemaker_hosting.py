"""Models, configurations and endpoints for tests, with inference scripts of a few lines."""

import io
import json
import tarfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.processes import wait_until
from tests.lab.running_aws import CONTAINER, RunningAws, allow

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}

# answers {"model": <contents of the file weight>, "sent": <the JSON it got>, "process": <its pid>}; some words make it misbehave
SCRIPT = """
import json, os, sys, time
from sagemaker_inference.errors import GenericInferenceToolkitError
def model_fn(folder):
    return open(folder + "/weight").read()
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(sent, model):
    if sent == "raise": raise ValueError("not today")
    if sent == "refuse": raise GenericInferenceToolkitError(422, "no picture")
    if sent == "die": os._exit(9)
    if isinstance(sent, dict) and "sleep" in sent: time.sleep(sent["sleep"])
    return {"model": model, "sent": sent, "process": os.getpid()}
def output_fn(prediction, accept):
    return json.dumps(prediction), accept
"""
BROKEN = "def model_fn(folder):\n    raise RuntimeError('these weights do not fit')\n"


def archive(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            tar.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()


def error_of(call: Callable[[], object]) -> dict[str, Any]:
    """The whole response of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call()
    response: dict[str, Any] = {**caught.value.response}
    return response


def refusal_of(call: Callable[[], object]) -> str:
    """The message of the ValidationException that a call must raise."""
    error = error_of(call)["Error"]
    assert error["Code"] == "ValidationException", error
    return str(error["Message"])


@dataclass
class Hosted:
    """Makes what an endpoint needs in one bucket under one role, waits for it and asks it."""

    aws: RunningAws
    bucket: str
    role: str
    client: Any = field(init=False)
    runtime: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.aws.client("sagemaker")
        self.runtime = self.aws.client("sagemaker-runtime")

    def artifact(self, weight: str = "one", script: str = SCRIPT) -> str:
        """URI of a model.tar.gz whose script answers with `weight`."""
        key = f"models/{uuid.uuid4().hex}/model.tar.gz"
        body = archive({"weight": weight, "code/inference.py": script})
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def model(self, weight: str = "one", script: str = SCRIPT, **container: Any) -> str:
        name = f"model-{uuid.uuid4().hex[:10]}"
        definition = {"Image": IMAGE, "ModelDataUrl": self.artifact(weight, script), **container}
        self.client.create_model(ModelName=name, ExecutionRoleArn=self.role, PrimaryContainer=definition)
        return name

    def variant(self, model: str, **changes: Any) -> dict[str, Any]:
        return {"VariantName": "main", "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, **changes}

    def config(self, *variants: dict[str, Any]) -> str:
        name = f"config-{uuid.uuid4().hex[:10]}"
        self.client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants))
        return name

    def config_of(self, weight: str = "one", script: str = SCRIPT, **changes: Any) -> str:
        return self.config(self.variant(self.model(weight, script), **changes))

    def start(self, config: str) -> str:
        name = f"endpoint-{uuid.uuid4().hex[:10]}"
        self.client.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return name

    def endpoint(self, config: str) -> str:
        """Name of a new endpoint in service."""
        name = self.start(config)
        assert self.settled(name)["EndpointStatus"] == "InService"
        return name

    def describe(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.describe_endpoint(EndpointName=name)
        return answer

    def settled(self, name: str) -> dict[str, Any]:
        """Its description once no change is under way."""
        wait_until(lambda: self.describe(name)["EndpointStatus"] in {"InService", "Failed"}, f"{name} never settled")
        return self.describe(name)

    def update(self, name: str, config: str, **options: Any) -> dict[str, Any]:
        self.client.update_endpoint(EndpointName=name, EndpointConfigName=config, **options)
        return self.settled(name)

    def ask(self, name: str, sent: Any = "hello", **options: Any) -> dict[str, Any]:
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=json.dumps(sent), ContentType="application/json", **options)
        reply: dict[str, Any] = json.loads(answer["Body"].read())
        return reply

    def delete(self, name: str) -> None:
        self.client.delete_endpoint(EndpointName=name)
        wait_until(lambda: not self.client.list_endpoints(NameContains=name)["Endpoints"], f"{name} is still there")

    def log(self, endpoint: str) -> list[str]:
        """Every line of every instance."""
        logs, group = self.aws.client("logs"), f"/aws/sagemaker/Endpoints/{endpoint}"
        return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]


def make_hosted(aws: RunningAws) -> Hosted:
    bucket = aws.make_bucket()
    reads = [allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"), allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")]
    role = aws.make_role(CONTAINER, *reads, trusts=SAGEMAKER)
    return Hosted(aws, bucket, role)

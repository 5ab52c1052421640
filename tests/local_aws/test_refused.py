"""What nobody does is refused: jobs that moto calls Completed, resource types that nothing makes, and moto's own executors."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.running_aws import RunningAws, running_aws
from tests.local_aws.deployed import Deployed

ROLE = "arn:aws:iam::123456789012:role/anything"
PRETENDED: list[tuple[str, str, dict[str, Any]]] = [
    (
        "sagemaker",
        "create_processing_job",
        {
            "ProcessingJobName": "p",
            "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 1}},
            "AppSpecification": {"ImageUri": "image", "ContainerEntrypoint": ["false"]},
            "RoleArn": ROLE,
        },
    ),
    ("sagemaker", "create_notebook_instance", {"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}),
    ("sagemaker", "list_notebook_instances", {}),
    ("batch", "submit_job", {"jobName": "j", "jobQueue": "q", "jobDefinition": "d"}),
    ("logs", "start_query", {"startTime": 1, "endTime": 2, "queryString": "fields @message"}),
]


@pytest.mark.parametrize(("service", "method", "arguments"), PRETENDED)
def test_work_that_nobody_does_is_refused(aws: RunningAws, service: str, method: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="refuses it rather than pretend") as raised:
        getattr(aws.client(service), method)(**arguments)
    assert raised.value.response["Error"]["Code"] == "UnknownOperationException"


@pytest.mark.parametrize("kind", ["AWS::Nope::Thing", "AWS::SageMaker::Endpoint", "AWS::Lambda::Function", "Custom::Thing"])
def test_a_stack_with_a_type_that_nothing_makes_is_refused(aws: RunningAws, kind: str) -> None:
    stacks = aws.client("cloudformation")
    with pytest.raises(ClientError, match=rf"ValidationError.*Template format error: Unrecognized resource types: \[{kind}\]"):
        stacks.create_stack(StackName="nope", TemplateBody=json.dumps({"Resources": {"It": {"Type": kind}}}))
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe_stacks(StackName="nope")


def test_a_stack_with_a_property_that_nothing_heeds_is_refused(aws: RunningAws) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"WebsiteConfiguration": {"IndexDocument": "index.html"}}}
    with pytest.raises(ClientError, match=r"ValidationError.*does not act on property WebsiteConfiguration of B \(AWS::S3::Bucket\)"):
        aws.client("cloudformation").create_stack(StackName="nope", TemplateBody=json.dumps({"Resources": {"B": bucket}}))


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The connections that a Docker daemon gets, which DOCKER_HOST names."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as daemon:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{daemon.getsockname()[1]}")
        threading.Thread(target=count, args=(daemon, connections), daemon=True).start()
        yield connections


def count(daemon: socket.socket, connections: list[object]) -> None:
    while True:
        try:
            connection, peer = daemon.accept()
        except OSError:  # the test has ended
            return
        connections.append(peer)
        connection.close()


def test_no_record_of_moto_reaches_docker(docker: list[object]) -> None:
    with running_aws() as aws:
        function = Deployed.create(aws, "def handler(event, context): return event")
        arn = function.client.get_function_configuration(FunctionName=function.name)["FunctionArn"]
        topic = aws.client("sns").create_topic(Name="t")["TopicArn"]
        aws.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        aws.client("sns").publish(TopicArn=topic, Message="hello")
        s3, bucket = aws.client("s3"), aws.make_bucket()
        wanted = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted, SkipDestinationValidation=True)
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")
        function.delete()
    assert docker == []

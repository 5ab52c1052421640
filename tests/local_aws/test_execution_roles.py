"""A service does for a container what its execution role lets it: log lines, metrics, image pulls."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from tests.lab.running_aws import CONTAINER, RunningAws, allow
from tests.lab.sagemaker_hosting import Hosted, make_hosted
from tests.lab.sagemaker_training import SAGEMAKER, Jobs, make_jobs
from tests.local_aws.deployed import LAMBDA, Deployer

PRINTS = "print('accuracy=0.75')"
METRIC = {"Name": "accuracy", "Regex": r"accuracy=(\S+)"}


def without(prefix: str) -> list[str]:
    """The actions of a container without those of one service."""
    return [action for action in CONTAINER["Action"] if not action.startswith(prefix)]


@pytest.fixture(scope="module")
def jobs(aws: RunningAws) -> Jobs:
    return make_jobs(aws)


@pytest.fixture(scope="module")
def role_without(aws: RunningAws, jobs: Jobs) -> Callable[[str], str]:
    """Makes a role that may read and write the bucket, and all that a container needs except the actions of one service."""

    def make(prefix: str) -> str:
        return aws.make_role(allow("s3:*", "*"), allow(without(prefix), "*"), trusts=SAGEMAKER)

    return make


def test_a_job_whose_role_may_not_log_has_no_log(aws: RunningAws, jobs: Jobs, role_without: Callable[[str], str]) -> None:
    job = jobs.run(PRINTS, RoleArn=role_without("logs:"))
    assert job["TrainingJobStatus"] == "Completed"
    logs, group = aws.client("logs"), "/aws/sagemaker/TrainingJobs"
    with suppress(ClientError):  # a job before may have made it
        logs.create_log_group(logGroupName=group)
    assert logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job["TrainingJobName"])["logStreams"] == []


def test_a_job_whose_role_may_put_no_metric_tells_its_last_value_only(
    aws: RunningAws, jobs: Jobs, role_without: Callable[[str], str]
) -> None:
    request = jobs.request(PRINTS, RoleArn=role_without("cloudwatch:"))
    request["AlgorithmSpecification"]["MetricDefinitions"] = [METRIC]
    jobs.client.create_training_job(**request)
    job = jobs.wait(request["TrainingJobName"])
    assert [metric["Value"] for metric in job["FinalMetricDataList"]] == [0.75]
    metrics = aws.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/TrainingJobs")["Metrics"]
    assert job["TrainingJobName"] not in {metric["Dimensions"][0]["Value"] for metric in metrics}


def test_a_job_whose_role_may_not_pull_its_image_fails(jobs: Jobs, role_without: Callable[[str], str]) -> None:
    role = role_without("ecr:BatchGetImage")
    job = jobs.run(PRINTS, RoleArn=role)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"ClientError: The role '{role}' does not have BatchGetImage permission for the image:")


def test_an_endpoint_whose_role_may_not_pull_its_image_fails(aws: RunningAws, role_without: Callable[[str], str]) -> None:
    hosted = make_hosted(aws)
    bare = Hosted(aws, hosted.bucket, role_without("ecr:"))
    name = bare.start(bare.config_of())
    described = bare.settled(name)
    assert described["EndpointStatus"] == "Failed"
    assert "does not have GetAuthorizationToken permission for the image" in described["FailureReason"]
    bare.delete(name)


def test_a_function_logs_where_its_role_lets_it(aws: RunningAws, deploy: Deployer) -> None:
    source = "def handler(event, context): print('said')"
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/function-*"
    logs = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], group)
    silent, loud = (deploy(source, Role=aws.make_role(*rights, trusts=LAMBDA)) for rights in ([], [logs]))
    assert "said" in silent.invoke().log  # the caller's own copy
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        list(silent.log_lines())
    loud.invoke()
    assert "said" in list(loud.log_lines())

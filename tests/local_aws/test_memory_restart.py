"""Work in progress when local_aws ends has a state that AWS has when it starts again; the list of docs/local-aws.md holds."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.endpoints.endpoint import INTERNAL_ERROR
from tests.lab.ec2_instances import Ec2
from tests.lab.processes import wait_until
from tests.lab.restarts import LastingAws, lasting_aws
from tests.lab.running_aws import CONTAINER, RunningAws, allow
from tests.lab.sagemaker_hosting import SAGEMAKER, SCRIPT, Hosted, make_hosted
from tests.lab.sagemaker_training import make_jobs
from tests.lab.sagemaker_transform import make_transforms
from tests.local_aws.test_cloudformation import deploy, role_template, update

pytestmark = pytest.mark.server
SLOW = f"import time; time.sleep(600)\n{SCRIPT}"
JOB_REASON = "InternalServerError: The embedded AWS ended while the job ran, and its instances with it."


@dataclass
class Interrupted:
    """What was going on when the server ended by `number`, and the server that was started after it."""

    number: signal.Signals
    aws: RunningAws
    names: dict[str, str] = field(default_factory=dict)

    def describe(self, endpoint: str) -> dict[str, Any]:
        described: dict[str, Any] = self.aws.client("sagemaker").describe_endpoint(EndpointName=self.names[endpoint])
        return described

    def settled(self, endpoint: str) -> dict[str, Any]:
        wait_until(lambda: self.describe(endpoint)["EndpointStatus"] in ("InService", "Failed"), f"{endpoint} never settled")
        return self.describe(endpoint)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LastingAws]:
    with lasting_aws(tmp_path_factory.mktemp("aws")) as lasting:
        yield lasting


@pytest.fixture(scope="module", params=[signal.SIGKILL, signal.SIGTERM])
def interrupted(account: LastingAws, request: pytest.FixtureRequest) -> Interrupted:
    case = Interrupted(request.param, account.aws)
    for begin in (begin_jobs, begin_endpoints, begin_instance, begin_stack, write_lines):
        case.names |= begin(account.aws)
    case.aws = account.restart(request.param)
    return case


def begin_jobs(aws: RunningAws) -> dict[str, str]:
    training, transforms = make_jobs(aws), make_transforms(aws)
    transforms.put("in/one", b'{"sleep": 600}')
    transformed = transforms.start(transforms.hosted.model(), transforms.manifest("in/one"))
    trained = training.start("import time; time.sleep(600)")
    training.wait(trained, lambda job: job["SecondaryStatus"] == "Training")
    return {"training": trained, "transform": transformed}


def begin_endpoints(aws: RunningAws) -> dict[str, str]:
    hosted = make_hosted(aws)
    slow, live = hosted.config_of(script=SLOW), hosted.config_of("old")
    updated = hosted.endpoint(live)
    hosted.client.update_endpoint(EndpointName=updated, EndpointConfigName=slow)
    return {"updated": updated, "config": live, "created": hosted.start(slow), "orphan": orphan(aws, hosted)}


def orphan(aws: RunningAws, hosted: Hosted) -> str:
    """An endpoint whose role has been deleted since it is in service."""
    role = aws.make_role(CONTAINER, allow("s3:GetObject", f"arn:aws:s3:::{hosted.bucket}/*"), trusts=SAGEMAKER)
    name = (own := Hosted(aws, hosted.bucket, role)).endpoint(own.config_of())
    iam, role_name = aws.client("iam"), role.rpartition("/")[2]
    iam.delete_role_policy(RoleName=role_name, PolicyName="only")
    iam.delete_role(RoleName=role_name)
    return name


def begin_instance(aws: RunningAws) -> dict[str, str]:
    return {"instance": Ec2(aws).launch()}


def begin_stack(aws: RunningAws) -> dict[str, str]:
    name = f"stack-{datetime.now(UTC):%H%M%S%f}"
    deploy(aws, name, role_template(f"{name}-role"))
    return {"stack": name}


def write_lines(aws: RunningAws) -> dict[str, str]:
    """A line in a log group, and a value of a metric, of the same name."""
    name, logs = f"lines-{datetime.now(UTC):%H%M%S%f}", aws.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="one")
    event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "hello"}
    logs.put_log_events(logGroupName=name, logStreamName="one", logEvents=[event])
    aws.client("cloudwatch").put_metric_data(Namespace=name, MetricData=[{"MetricName": "m", "Value": 1.0}])
    aws.client("ssm").put_parameter(Name=name, Value="v", Type="String")
    return {"lines": name}


def test_a_job_that_had_not_ended_is_failed(interrupted: Interrupted) -> None:
    sagemaker = interrupted.aws.client("sagemaker")
    trained = sagemaker.describe_training_job(TrainingJobName=interrupted.names["training"])
    assert (trained["TrainingJobStatus"], trained["SecondaryStatus"], trained["FailureReason"]) == ("Failed", "Failed", JOB_REASON)
    transformed = sagemaker.describe_transform_job(TransformJobName=interrupted.names["transform"])
    assert (transformed["TransformJobStatus"], transformed["FailureReason"]) == ("Failed", JOB_REASON)
    sagemaker.delete_training_job(TrainingJobName=interrupted.names["training"])


def test_an_endpoint_that_never_served_has_failed(interrupted: Interrupted) -> None:
    created = interrupted.settled("created")
    assert (created["EndpointStatus"], created["FailureReason"]) == ("Failed", INTERNAL_ERROR)
    interrupted.aws.client("sagemaker").delete_endpoint(EndpointName=created["EndpointName"])


def test_an_update_in_progress_is_rolled_back(interrupted: Interrupted) -> None:
    updated = interrupted.settled("updated")
    assert (updated["EndpointStatus"], updated["FailureReason"]) == ("InService", INTERNAL_ERROR)
    assert updated["EndpointConfigName"] == interrupted.names["config"]
    runtime = interrupted.aws.client("sagemaker-runtime")
    answered = runtime.invoke_endpoint(EndpointName=interrupted.names["updated"], Body=b'"x"', ContentType="application/json")
    assert b'"model": "old"' in answered["Body"].read()


def test_an_endpoint_that_cannot_start_again_has_failed_with_the_reason(interrupted: Interrupted) -> None:
    lost = interrupted.settled("orphan")
    assert lost["EndpointStatus"] == "Failed"
    assert "Could not assume role" in lost["FailureReason"]


def test_an_instance_is_terminated_by_aws(interrupted: Interrupted) -> None:
    ec2 = Ec2(interrupted.aws)
    assert ec2.state(interrupted.names["instance"]) == "terminated"
    assert ec2.describe(interrupted.names["instance"])["StateReason"]["Code"] == "Server.InternalError"


def test_a_stack_owns_its_resources_still(interrupted: Interrupted) -> None:
    name, iam = interrupted.names["stack"], interrupted.aws.client("iam")
    update(interrupted.aws, name, role_template(f"{name}-role", action="s3:GetObject"))
    policy = iam.get_role_policy(RoleName=f"{name}-role", PolicyName="p")["PolicyDocument"]
    assert policy["Statement"][0]["Action"] == "s3:GetObject"
    interrupted.aws.client("cloudformation").delete_stack(StackName=name)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=f"{name}-role")


def test_lines_datapoints_and_other_services_come_back_after_an_orderly_end_only(interrupted: Interrupted) -> None:
    name, in_order = interrupted.names["lines"], interrupted.number is signal.SIGTERM
    assert (lines_of(interrupted.aws, name), values_of(interrupted.aws, name), parameters_of(interrupted.aws, name)) == (
        (["hello"], [1.0], [name]) if in_order else ([], [], [])
    )
    groups = interrupted.aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [group["logGroupName"] for group in groups] == [name]


def lines_of(aws: RunningAws, name: str) -> list[str]:
    return [event["message"] for event in aws.client("logs").filter_log_events(logGroupName=name)["events"]]


def values_of(aws: RunningAws, name: str) -> list[float]:
    now = datetime.now(UTC)
    asked = {"Namespace": name, "MetricName": "m", "Period": 3600, "Statistics": ["Sum"]}
    found = aws.client("cloudwatch").get_metric_statistics(**asked, StartTime=now - timedelta(hours=2), EndTime=now + timedelta(hours=1))
    return [point["Sum"] for point in found["Datapoints"]]


def parameters_of(aws: RunningAws, name: str) -> list[str]:
    return [each["Name"] for each in aws.client("ssm").get_parameters(Names=[name])["Parameters"]]

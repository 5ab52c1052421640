"""Commands over SSM: they really run, in the instance's own folder, as its role; they are found again, cancelled, and end with it."""

from pathlib import Path
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from tests.lab.ec2_instances import LOGS, Ec2
from tests.lab.processes import alive, wait_until
from tests.lab.running_aws import allow


def child_of(ec2: Ec2, instance: str, *, note: Path) -> int:
    """Process id of a command that sleeps on the instance."""
    ec2.send(instance, f"echo $$ >{note}.part && mv {note}.part {note}", "exec sleep 600", seconds=600)
    wait_until(note.exists)
    return int(note.read_text())


def test_it_runs_in_a_folder_of_its_own_and_sees_nothing_of_this_machine(ec2: Ec2) -> None:
    instance = ec2.launch()
    ran = ec2.result(instance, ec2.send(instance, "pwd", "echo $HOME", "echo $SAGEMAKER_BASE_DIR", "python -c 'import tasks' || exit 3"))
    assert (ran["Status"], ran["ResponseCode"]) == ("Failed", 3)
    folder = str(ec2.aws.state.resolve() / "instances" / instance)
    assert all(line.startswith(folder) for line in ran["StandardOutputContent"].splitlines()[:3])
    assert "No module named 'tasks'" in ran["StandardOutputContent"]


def test_it_acts_as_the_role_of_its_instance(ec2: Ec2) -> None:
    bucket = ec2.aws.make_bucket()
    instance = ec2.launch(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/mine/*"))
    put = f"import boto3, sys; boto3.client('s3').put_object(Bucket='{bucket}', Key=sys.argv[1], Body=b'')"
    ran = ec2.result(instance, ec2.send(instance, f'python -c "{put}" mine/a && python -c "{put}" theirs/a'))
    assert "AccessDenied" in ran["StandardOutputContent"]
    assert [entry["Key"] for entry in ec2.aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["mine/a"]


def test_its_output_goes_to_the_log_group_that_is_named_where_the_role_may_write(ec2: Ec2) -> None:
    group, logs = "/pets/training", ec2.aws.client("logs")
    logs.create_log_group(logGroupName=group)
    config = {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": group}
    for rights, wanted in (([LOGS], ["one", "two"]), ([], None)):
        instance = ec2.launch(*rights)
        command = ec2.send(instance, "echo one", "echo two >&2", CloudWatchOutputConfig=config)
        assert ec2.result(instance, command)["Status"] == "Success"
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{command}/{instance}/")["logStreams"]
        lines = [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        ]
        assert lines == (wanted or [])


def test_a_command_is_found_again_by_its_comment(ec2: Ec2) -> None:
    instance = ec2.launch()
    first, second = (ec2.send(instance, "true", Comment=comment) for comment in ("job-1", "job-2"))
    found = ec2.ssm.list_commands(InstanceId=instance)["Commands"]
    assert [(each["CommandId"], each["Comment"]) for each in found] == [(second, "job-2"), (first, "job-1")]
    assert ec2.result(instance, first)["Status"] == "Success"
    (one,) = ec2.ssm.list_commands(CommandId=first)["Commands"]
    assert (one["Status"], one["InstanceIds"], one["CompletedCount"]) == ("Success", [instance], 1)
    (invocation,) = ec2.ssm.list_command_invocations(CommandId=first, Details=True)["CommandInvocations"]
    assert [plugin["ResponseCode"] for plugin in invocation["CommandPlugins"]] == [0]
    assert ec2.ssm.list_commands(InstanceId="i-0123456789abcdef0")["Commands"] == []


def test_a_command_is_cancelled(ec2: Ec2, tmp_path: Path) -> None:
    instance = ec2.launch()
    process = child_of(ec2, instance, note=tmp_path / "pid")
    (command,) = ec2.ssm.list_commands(InstanceId=instance)["Commands"]
    assert command["Status"] == "InProgress"
    ec2.ssm.cancel_command(CommandId=command["CommandId"])
    assert ec2.result(instance, command["CommandId"])["Status"] == "Cancelled"
    assert not alive(process)


def test_a_command_ends_when_its_time_is_over(ec2: Ec2) -> None:
    instance = ec2.launch()
    ran = ec2.result(instance, ec2.send(instance, "sleep 600", seconds=1))
    assert (ran["Status"], ran["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")


def test_terminating_kills_what_runs_and_nothing_more_can_be_sent(ec2: Ec2, tmp_path: Path) -> None:
    instance = ec2.launch()
    process = child_of(ec2, instance, note=tmp_path / "pid")
    ec2.ec2.terminate_instances(InstanceIds=[instance])
    found = ec2.describe(instance)
    assert (found["State"]["Name"], found["StateReason"]["Code"]) == ("terminated", "Client.UserInitiatedShutdown")
    assert not alive(process)
    assert not ec2.is_online(instance)


def test_an_instance_is_interrupted_at_once(ec2: Ec2, tmp_path: Path) -> None:
    instance = ec2.launch()
    process = child_of(ec2, instance, note=tmp_path / "pid")
    ec2.aws.control("POST", "instance-interruptions", {"instance": instance})
    found = ec2.describe(instance)
    assert (found["State"]["Name"], found["StateReason"]["Code"]) == ("terminated", "Server.SpotInstanceTermination")
    assert not alive(process)
    with pytest.raises(HTTPError, match="400"):
        ec2.aws.control("POST", "instance-interruptions", {"instance": instance})


def test_an_instance_is_interrupted_when_it_prints_a_line(ec2: Ec2) -> None:
    instance, other = ec2.launch(), ec2.launch()
    asked = {"instance": instance, "line": "epoch=2"}
    ec2.aws.control("POST", "instance-interruptions", asked)
    for each in (other, instance):
        ec2.send(each, "echo epoch=1", "echo epoch=2 loss=0.1", "sleep 600", seconds=600)
    wait_until(lambda: ec2.state(instance) == "terminated")
    assert ec2.state(other) == "running"
    assert ec2.aws.control("GET", "instance-interruptions") == []


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [({"DocumentName": "AWS-RunPowerShellScript"}, "InvalidDocument"), ({"Parameters": {"script": ["x"]}}, "InvalidParameters")],
)
def test_what_is_no_shell_command_is_refused(ec2: Ec2, request_: dict[str, object], refusal: str) -> None:
    asked = {"InstanceIds": [ec2.launch()], "DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["true"]}}
    with pytest.raises(ClientError, match=refusal):
        ec2.ssm.send_command(**asked | request_)


def test_only_instances_with_the_tag_may_be_told(ec2: Ec2) -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "pedigree:project", "Value": "pets"}]}]
    own, other = ec2.launch(TagSpecifications=tags), ec2.launch()
    teller = ec2.aws.as_role(
        allow("ssm:SendCommand", "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"),
        allow("ssm:SendCommand", "arn:aws:ec2:*:*:instance/*", Condition={"StringEquals": {"ssm:resourceTag/pedigree:project": "pets"}}),
    )
    wait_until(lambda: ec2.is_online(own) and ec2.is_online(other))
    asked = {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["true"]}}
    ssm = ec2.aws.client("ssm", teller)
    ssm.send_command(InstanceIds=[own], **asked)
    with pytest.raises(ClientError, match=r"AccessDeniedException.*ssm:SendCommand"):
        ssm.send_command(InstanceIds=[other], **asked)

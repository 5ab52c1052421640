"""Instances of the embedded EC2 for tests: launched under a role with these rights, ended afterwards."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws, allow

PARAMETER = "/aws/service/deeplearning/ami/x86_64/oss-nvidia-driver-gpu-pytorch-2.10-amazon-linux-2023/latest/ami-id"
AGENT = allow("ssm:UpdateInstanceInformation", "*")
LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*")
EC2 = {"Service": "ec2.amazonaws.com"}
OVER = ("Success", "Failed", "TimedOut", "Cancelled")


@dataclass
class Ec2:
    """`launch` starts an instance and gives its id; the clients are the account's root."""

    aws: RunningAws
    started: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ec2, self.ssm = self.aws.client("ec2"), self.aws.client("ssm")

    def profile(self, *statements: Mapping[str, Any], trusts: Mapping[str, Any] = EC2) -> str:
        """Name of a new instance profile whose role may do what the statements say."""
        name, iam = f"machine-{uuid.uuid4().hex[:8]}", self.aws.client("iam")
        self.aws.make_role(*statements, trusts=trusts, name=name)
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return name

    def image(self) -> str:
        return str(self.ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"])

    def launch(self, *statements: Mapping[str, Any], **request: Any) -> str:
        """Id of a new instance with these rights beside those of its agent."""
        profile = {"Name": self.profile(AGENT, *statements)}
        instance = self.run(**{"IamInstanceProfile": profile, **request})
        return str(instance["InstanceId"])

    def run(self, **request: Any) -> dict[str, Any]:
        asked = {"ImageId": self.image(), "InstanceType": "m5.xlarge", "MinCount": 1, "MaxCount": 1, **request}
        (instance,) = self.ec2.run_instances(**asked)["Instances"]
        self.started.append(instance["InstanceId"])
        return dict(instance)

    def describe(self, instance_id: str) -> dict[str, Any]:
        return dict(self.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0])

    def state(self, instance_id: str) -> str:
        return str(self.describe(instance_id)["State"]["Name"])

    def is_online(self, instance_id: str) -> bool:
        filters = [{"Key": "InstanceIds", "Values": [instance_id]}]
        return bool(self.ssm.describe_instance_information(Filters=filters)["InstanceInformationList"])

    def send(self, instance_id: str, *lines: str, seconds: int = 60, **request: Any) -> str:
        """Id of a command, sent as soon as the agent is there."""
        wait_until(lambda: self.is_online(instance_id), "its agent never came online")
        parameters = {"commands": list(lines), "executionTimeout": [str(seconds)]}
        answer = self.ssm.send_command(InstanceIds=[instance_id], DocumentName="AWS-RunShellScript", Parameters=parameters, **request)
        return str(answer["Command"]["CommandId"])

    def result(self, instance_id: str, command: str) -> dict[str, Any]:
        """The invocation once it is over."""

        def look() -> dict[str, Any]:
            return dict(self.ssm.get_command_invocation(CommandId=command, InstanceId=instance_id))

        wait_until(lambda: look()["Status"] in OVER, "the command never ended")
        return look()

    def end(self) -> None:
        if self.started:
            self.ec2.terminate_instances(InstanceIds=self.started)

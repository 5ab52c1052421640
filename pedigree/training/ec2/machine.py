"""The instance of a training on EC2: launched once, found by its name, told once what to run, terminated."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from pedigree.aws.clients import client
from pedigree.aws.errors import ANY_AWS_ERROR, InvalidInput, SpecDiffers, code_of, may_pass
from pedigree.aws.naming import PROJECT_TAG, tag_list
from pedigree.aws.resources.ec2 import GONE, LIVING, group_name, instances_with, terminate
from pedigree.training.ec2.launch import IMAGE_PARAMETER, command_request, launch_request, lifetime
from pedigree.values import Account

LOG = logging.getLogger(__name__)
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=70)  # a repeated SendCommand runs twice
STEP = "train on EC2"


class Machine:
    """Instances and commands of an account; a job is a CreateTrainingJob request as `request.job_of` makes it."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._ec2, self._ssm = client(account.credentials, "ec2"), client(account.credentials, "ssm")
        self._sender = client(account.credentials, "ssm", config=ONCE)
        self._sent: dict[str, str] = {}  # {job: command} of this process: ListCommands may not know it yet

    def launch(self, job: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The job's instance, launched unless an earlier, interrupted run has done so."""
        return self._launched_before(job, LIVING) or self._launch(job, key)

    def find(self, instance_id: str) -> Mapping[str, Any] | None:
        return next(instances_with(self._ec2, {"instance-id": [instance_id]}), None)

    def is_online(self, instance_id: str) -> bool:
        found = self._ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [instance_id]}])
        return any(each["PingStatus"] == "Online" for each in found["InstanceInformationList"])

    def command(self, job: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The command that does this job, the oldest if a lost answer made two: the second one finds its folder taken."""
        pages = self._ssm.get_paginator("list_commands").paginate(InstanceId=job["InstanceId"])
        found = [command for page in pages for command in page["Commands"] if command.get("Comment") == job["TrainingJobName"]]
        return min(found, key=lambda command: command["RequestedDateTime"], default=None)

    def send(self, job: Mapping[str, Any], uri: str) -> None:
        """Tell the instance to do the job, unless this process has done so; an answer that is lost is looked for the next time."""
        name = job["TrainingJobName"]
        if name in self._sent:
            return
        request = command_request(job, account=self._account, instance=job["InstanceId"], uri=uri, log_group=log_group(self._account))
        try:
            self._sent[name] = self._sender.send_command(**request)["Command"]["CommandId"]
        except ANY_AWS_ERROR as error:
            if not may_pass(error):
                raise
            LOG.warning(f"The answer to SendCommand was lost: {error}")

    def terminate(self, instance_id: str) -> None:
        terminate(self._ec2, instance_id)

    def _launched_before(self, job: Mapping[str, Any], states: Sequence[str]) -> Mapping[str, Any] | None:
        wanted = {f"tag:{PROJECT_TAG}": [self._account.project], "tag:Name": [job["TrainingJobName"]], "instance-state-name": states}
        return next(instances_with(self._ec2, wanted), None)

    def _launch(self, job: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        tags = tag_list(self._account, key, expires_at=datetime.now(UTC) + lifetime(job))
        image = self._newest_image()
        request = launch_request(job, account=self._account, image=image, group=self._ensure_group(), tags=tags)
        try:
            return dict(self._ec2.run_instances(**request)["Instances"][0])
        except ClientError as error:
            # the token is used: by a run that died before it wrote down the instance, which is not listed yet or is gone by now
            if code_of(error) != "IdempotentParameterMismatch":
                raise
            instance = self._launched_before(job, [*LIVING, *GONE])
            if instance is None:
                action = "run again in some minutes, or with a new training.fresh"
                raise SpecDiffers(STEP, job["TrainingJobName"], f"{error}; its instance is not shown", action) from error
            return instance

    def _newest_image(self) -> Mapping[str, Any]:
        image_id = self._ssm.get_parameter(Name=IMAGE_PARAMETER)["Parameter"]["Value"]
        (image,) = self._ec2.describe_images(ImageIds=[image_id])["Images"]
        return dict(image)

    def _ensure_group(self) -> str:
        """Id of the security group without a way in, in the default VPC."""
        name = group_name(self._account)
        marks: Any = tag_list(self._account, name)  # each service's stub has a tag type of its own
        try:
            self._ec2.create_security_group(
                GroupName=name,
                Description="Nothing comes in, everything may go out",
                TagSpecifications=[{"ResourceType": "security-group", "Tags": marks}],
            )
        except ClientError as error:
            if code_of(error) == "VPCIdNotSpecified":
                raise InvalidInput(STEP, "default VPC", str(error), "aws ec2 create-default-vpc, or run without ec2.enabled") from error
            if code_of(error) != "InvalidGroup.Duplicate":
                raise
        return self._require_closed(name)

    def _require_closed(self, name: str) -> str:
        filters = {"group-name": [name], f"tag:{PROJECT_TAG}": [self._account.project]}
        listed = self._ec2.describe_security_groups(Filters=[{"Name": key, "Values": values} for key, values in filters.items()])
        (group,) = listed["SecurityGroups"]
        if group["IpPermissions"]:
            raise InvalidInput(
                STEP, f"security group {group['GroupId']}", "it lets something in", "take its inbound rules away, or delete it"
            )
        return str(group["GroupId"])


def log_group(account: Account) -> str:
    """Made by the bootstrap stack."""
    return f"/aws/ssm/{account.project}"

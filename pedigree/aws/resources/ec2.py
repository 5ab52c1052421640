"""The resources of a training on EC2: its instance, found by its tags, and the security group without inbound rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pedigree.aws.clients import EC2Client, client
from pedigree.aws.naming import PROJECT_TAG, within
from pedigree.aws.resources.kind import NOTHING, Billed, Owner, Resource, ResourceKind, gone_is_fine, is_ours
from pedigree.aws.waiting import wait_until
from pedigree.values import Account

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

LIVING, GONE = ("pending", "running", "stopping", "stopped"), ("shutting-down", "terminated")
GOING_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class InstanceKind(ResourceKind):
    """Instances that are not terminated yet; `of` is the training."""

    def find(self, account: Account) -> Iterator[Resource]:
        wanted = {f"tag:{PROJECT_TAG}": [account.project], "instance-state-name": LIVING}
        for instance in instances_with(client(account.credentials, "ec2"), wanted):
            tags = tags_of(instance)
            if is_ours(account, tags):
                yield Resource(self.title, instance["InstanceId"], tags, instance["State"]["Name"], of=tags["Name"])

    def billed(self, account: Account, resource: Resource) -> Billed:
        found = next(instances_with(client(account.credentials, "ec2"), {"instance-id": [resource.name]}), None)
        return Billed({("ec2", found["InstanceType"]): 1}) if found else NOTHING

    def owner(self, resource: Resource) -> Owner | None:
        return None

    def delete(self, account: Account, name: str) -> None:
        ec2 = client(account.credentials, "ec2")
        terminate(ec2, name)
        wait_until(
            lambda: list(instances_with(ec2, {"instance-id": [name], "instance-state-name": [*LIVING, "shutting-down"]})),
            lambda living: not living,
            step=self.title,
            resource=name,
            seconds=GOING_SECONDS,
        )


@dataclass(frozen=True, kw_only=True)
class SecurityGroupKind(ResourceKind):
    """The security group of the project; it is deleted after its instances."""

    def find(self, account: Account) -> Iterator[Resource]:
        ec2 = client(account.credentials, "ec2")
        pages = ec2.get_paginator("describe_security_groups").paginate(Filters=filters({f"tag:{PROJECT_TAG}": [account.project]}))
        for group in pages.search("SecurityGroups"):
            if is_ours(account, tags_of(group)):
                yield Resource(self.title, group["GroupId"], tags_of(group))

    def billed(self, account: Account, resource: Resource) -> Billed:
        return NOTHING

    def owner(self, resource: Resource) -> Owner | None:
        return None

    def delete(self, account: Account, name: str) -> None:
        with gone_is_fine():
            client(account.credentials, "ec2").delete_security_group(GroupId=name)


def group_name(account: Account) -> str:
    return within(account.project, "training")


def instances_with(ec2: EC2Client, wanted: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]]:
    """The instances that match these filters; an instance id that does not exist is no error."""
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters(wanted))
    return (dict(instance) for page in pages for reservation in page["Reservations"] for instance in reservation["Instances"])


def filters(wanted: Mapping[str, Sequence[str]]) -> "list[FilterTypeDef]":
    return [{"Name": name, "Values": list(values)} for name, values in wanted.items()]


def tags_of(described: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}


def terminate(ec2: EC2Client, instance_id: str) -> None:
    """Start the termination; an instance that EC2 does not know any more is no error."""
    with gone_is_fine():
        ec2.terminate_instances(InstanceIds=[instance_id])

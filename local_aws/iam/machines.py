"""Permissions of EC2 calls beyond the table: condition keys of each resource, tags at creation, the role of an instance profile."""

from collections.abc import Iterator, Mapping
from typing import Any

from local_aws.call import Call
from local_aws.cloud import Cloud
from local_aws.iam.context import tag_context

Keys = dict[str, list[str]]
KINDS = {"ami": "image", "eni": "network-interface", "i": "instance", "sg": "security-group", "vol": "volume"}
TAGGED = ("ec2:resourcetag", "ssm:resourcetag")


def resource_context(cloud: Cloud, call: Call, arn: str) -> Keys:
    """Condition keys of one resource of a call; empty when it is not an EC2 resource."""
    if not arn.startswith("arn:aws:ec2:"):
        return {}
    kind, _, name = arn.split(":", 5)[5].partition("/")
    tags = cloud.books("ec2").tags.get(name, {})
    keys = {f"{prefix}/{key.lower()}": [value] for prefix in TAGGED for key, value in tags.items()}
    return keys | (launch_context(cloud, call.parameters, kind) if call.operation == "RunInstances" else {}) | new_tags(call, kind)


def launch_context(cloud: Cloud, parameters: Mapping[str, Any], kind: str) -> Keys:
    """Condition keys of a launch: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html"""
    if kind == "instance":
        profile = find_profile(cloud, parameters)
        tokens = parameters.get("MetadataOptions", {}).get("HttpTokens", "optional")
        return {
            "ec2:instancetype": [parameters["InstanceType"]],
            "ec2:metadatahttptokens": [tokens],
            **({"ec2:instanceprofile": [profile.arn]} if profile else {}),
        }
    if kind == "volume":
        given = [mapping.get("Ebs", {}).get("Encrypted", False) for mapping in parameters.get("BlockDeviceMappings", [])]
        return {"ec2:encrypted": [str(bool(given) and all(given)).lower()]}
    image = cloud.books("ec2").amis.get(parameters["ImageId"])
    return {"ec2:owner": [image.owner_alias or image.owner_id]} if kind == "image" and image else {}


def new_tags(call: Call, kind: str) -> Keys:
    given = [entry["Tags"] for entry in call.parameters.get("TagSpecifications", []) if entry["ResourceType"] == kind]
    return tag_context(given[0]) if given else {}


def taggings(cloud: Cloud, call: Call) -> Iterator[tuple[str, Keys]]:
    """(ARN, condition keys) of each resource that a call creates with tags, for which it needs ec2:CreateTags."""
    for entry in call.parameters.get("TagSpecifications", []):
        kind = entry["ResourceType"]
        yield cloud.arn("ec2", f"{kind}/*"), {"ec2:createaction": [call.operation], **new_tags(call, kind)}


def kind_of(resource_id: str) -> str:
    """The kind of an EC2 resource, by the beginning of its id."""
    return KINDS.get(resource_id.partition("-")[0], resource_id.partition("-")[0])


def roles_of_profile(cloud: Cloud, call: Call) -> list[str]:
    """ARNs of the roles that a launch passes to EC2."""
    profile = find_profile(cloud, call.parameters)
    return [role.arn for role in profile.roles] if profile else []


def find_profile(cloud: Cloud, parameters: Mapping[str, Any]) -> Any:
    """moto's record of the instance profile of a launch; None when the launch names none or the profile does not exist."""
    wanted = parameters.get("IamInstanceProfile", {})
    profiles = cloud.books("iam").instance_profiles.values() if wanted else ()
    return next((each for each in profiles if each.name == wanted.get("Name") or each.arn == wanted.get("Arn")), None)

"""RunInstances through moto, with the rules that moto lacks: client tokens, and refusals of requests that AWS refuses."""

import json
from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.iam.machines import find_profile

EBS = ("SnapshotId", "VolumeType", "KmsKeyId", "Iops")
IMAGE_GB = 15  # size of every AMI in moto's records


class Tokens:
    """The request of each client token: a repeated request gets the same reservation."""

    def __init__(self, used: dict[str, tuple[str, Any]]) -> None:
        self._used = used

    def find(self, parameters: Mapping[str, Any]) -> Any:
        """The reservation of a repeated request; None for a new request."""
        used = self._used.get(parameters.get("ClientToken", ""))
        if used is None:
            return None
        if used[0] != fingerprint(parameters):
            raise AwsError(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
            )
        return used[1]

    def keep(self, parameters: Mapping[str, Any], reservation: Any) -> None:
        if token := parameters.get("ClientToken"):
            self._used[token] = (fingerprint(parameters), reservation)


def fingerprint(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, default=str)


def launch(cloud: Cloud, parameters: Mapping[str, Any]) -> Any:
    """Launch the instances; return moto's reservation, with the instances pending."""
    books = cloud.books("ec2")
    image, profile = parameters["ImageId"], require_profile(cloud, parameters)
    if image not in books.amis:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist")
    reservation = books.run_instances(image, parameters["MaxCount"], parameters.get("UserData"), [], **moto_arguments(cloud, parameters))
    for instance in reservation.instances:
        instance._state.name, instance._state.code = "pending", 0
        if profile is not None:
            books.associate_iam_instance_profile(instance.id, iam_instance_profile_arn=profile.arn)
    return reservation


def require_profile(cloud: Cloud, parameters: Mapping[str, Any]) -> Any:
    """moto's record of the instance profile; None when the call names no profile."""
    wanted, profile = parameters.get("IamInstanceProfile"), find_profile(cloud, parameters)
    if wanted and profile is None:
        named = wanted.get("Name") or wanted.get("Arn")
        reason = "Invalid IAM Instance Profile name"
        raise AwsError("InvalidParameterValue", f"Value ({named}) for parameter iamInstanceProfile.name is invalid. {reason}")
    return profile


def moto_arguments(cloud: Cloud, parameters: Mapping[str, Any]) -> dict[str, Any]:
    mappings = [mapping_of(mapping) for mapping in parameters.get("BlockDeviceMappings", [])]
    return {
        "instance_type": parameters["InstanceType"],
        "is_instance_type_default": False,
        "region_name": cloud.region,
        "subnet_id": parameters.get("SubnetId"),
        "key_name": parameters.get("KeyName"),
        "security_group_ids": list(parameters.get("SecurityGroupIds", [])),
        "nics": [],
        "tags": launch_tags(parameters),
        "instance_initiated_shutdown_behavior": parameters.get("InstanceInitiatedShutdownBehavior"),
        "metadata_options": parameters.get("MetadataOptions", {}),
        "client_token": parameters.get("ClientToken"),
    } | ({"block_device_mappings": mappings} if mappings else {})


def mapping_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    given = mapping.get("Ebs", {})
    ebs = {name: given.get(name) for name in EBS}
    size = given.get("VolumeSize", IMAGE_GB)
    if size < IMAGE_GB:
        raise AwsError("InvalidBlockDeviceMapping", f"Volume of size {size}GB is smaller than snapshot, expect size>= {IMAGE_GB}GB")
    flags = {"Encrypted": given.get("Encrypted", False), "DeleteOnTermination": given.get("DeleteOnTermination", True)}
    return {"DeviceName": mapping["DeviceName"], "NoDevice": None, "Ebs": ebs | flags | {"VolumeSize": size}}


def launch_tags(parameters: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The tags of the call as {resource type: tags}."""
    given = parameters.get("TagSpecifications", [])
    return {entry["ResourceType"]: {tag["Key"]: tag["Value"] for tag in entry["Tags"]} for entry in given}

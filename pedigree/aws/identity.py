"""Identity by denial: every member of a request is part of the identity of its resource, unless it is declared here.

`identify` gives the key in the name, `differences` what speaks against adopting what has this name already.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pedigree.aws.naming import key_of

LOG = logging.getLogger(__name__)


class Cover(Enum):
    """Why a member of a request does not enter the key by itself."""

    KEY = "the key holds it, or the account has only one; it is compared"
    NOT_IDENTITY = "another value makes no other resource; it is not compared"


@dataclass(frozen=True)
class Only:
    """A member is not in the key while it has this value; any other value enters the key."""

    value: Any


Covered = Cover | Only | Mapping[str, "Covered"]
KEY, NOT_IDENTITY = Cover.KEY, Cover.NOT_IDENTITY

CHANNEL: Covered = {
    "ChannelName": KEY,  # the entry that led here
    "DataSource": {
        "S3DataSource": {
            "S3Uri": KEY,  # made of the dataset, code or artifact that the key holds
            "S3DataType": Only("S3Prefix"),
            "S3DataDistributionType": Only("FullyReplicated"),
        }
    },
}
TRAINING_JOB: Mapping[str, Covered] = {
    "TrainingJobName": NOT_IDENTITY,  # made of the key
    "Tags": NOT_IDENTITY,  # they say who asked, not for what; no description has them
    "RoleArn": NOT_IDENTITY,  # what a job may read does not change what it learns
    "HyperParameters": KEY,  # as `parameters`
    "AlgorithmSpecification": {
        "TrainingImage": NOT_IDENTITY,  # AWS has one for CPU and one for GPU; the key holds the name that both share
        "TrainingInputMode": Only("File"),
        "ContainerEntrypoint": KEY,  # as `entrypoint`
        "MetricDefinitions": NOT_IDENTITY,  # what CloudWatch reads from the log
    },
    "InputDataConfig": dict.fromkeys(("code", "train", "valid", "test"), CHANNEL),  # as `dataset` and `code`; `weights` enters as it is
    "OutputDataConfig": {
        "S3OutputPath": KEY,  # the account has one bucket
    },
    "ResourceConfig": {
        "InstanceType": NOT_IDENTITY,  # placement
        "InstanceCount": KEY,  # as `instances`
        "VolumeSizeInGB": NOT_IDENTITY,  # placement
    },
    "CheckpointConfig": NOT_IDENTITY,  # made of the name
    "EnableManagedSpotTraining": NOT_IDENTITY,  # placement
    "StoppingCondition": NOT_IDENTITY,  # clock
    "Environment": {
        "PEDIGREE_DATASET": KEY,  # as `dataset`
        "PEDIGREE_CODE": KEY,  # as `code`
    },
}
COVERED: Mapping[str, Mapping[str, Covered]] = {
    "training job": TRAINING_JOB,
    "evaluation job": {
        **TRAINING_JOB,
        "InputDataConfig": dict.fromkeys(("code", "test", "candidate", "champion"), CHANNEL),  # as the parts of the same names
        "ResourceConfig": {
            "InstanceType": NOT_IDENTITY,  # placement
            "InstanceCount": Only(1),
            "VolumeSizeInGB": NOT_IDENTITY,  # placement
        },
    },
    "instance": {  # of a training on EC2, whose job decides the rest of the key
        "ClientToken": NOT_IDENTITY,  # made of the key
        "TagSpecifications": NOT_IDENTITY,  # they say who asked, and the name
        "ImageId": NOT_IDENTITY,  # the newest of its family, which the key holds as `image`
        "InstanceType": NOT_IDENTITY,  # placement
        "MinCount": Only(1),
        "MaxCount": Only(1),
        "IamInstanceProfile": NOT_IDENTITY,  # what a job may read does not change what it learns
        "MetadataOptions": {"HttpTokens": Only("required"), "HttpEndpoint": Only("enabled")},
        "SecurityGroupIds": NOT_IDENTITY,  # the account has one
        "BlockDeviceMappings": {
            "0": {
                "DeviceName": NOT_IDENTITY,  # as the AMI calls its root
                "Ebs": {
                    "Encrypted": Only(value=True),
                    "VolumeSize": NOT_IDENTITY,  # placement
                    "VolumeType": NOT_IDENTITY,  # placement
                    "DeleteOnTermination": Only(value=True),
                },
            }
        },
        "InstanceInitiatedShutdownBehavior": Only("terminate"),
        "UserData": NOT_IDENTITY,  # clock
    },
    "model": {
        "ModelName": NOT_IDENTITY,  # made of the key
        "Tags": NOT_IDENTITY,  # they say who asked, not for what; no description has them
        "PrimaryContainer": {
            "ModelPackageName": KEY,  # as `package`
            "Environment": KEY,  # as `environment`
        },
    },
    "endpoint config": {
        "EndpointConfigName": NOT_IDENTITY,  # made of the key
        "Tags": NOT_IDENTITY,  # they say who asked, not for what; no description has them
        "ProductionVariants": {
            "AllTraffic": KEY,  # all of it, as `variant`
        },
    },
    "endpoint": {
        "EndpointName": NOT_IDENTITY,  # a person chose it
        "EndpointConfigName": NOT_IDENTITY,  # a rollout changes it
        "Tags": NOT_IDENTITY,  # one of them is the config that was proven last
    },
    "transform job": {
        "TransformJobName": NOT_IDENTITY,  # made of the key
        "Tags": NOT_IDENTITY,  # they say who asked, not for what; no description has them
        "ModelName": NOT_IDENTITY,  # the key holds its package and environment; another role answers the same
        "MaxConcurrentTransforms": NOT_IDENTITY,  # how fast, not what
        "MaxPayloadInMB": Only(7),
        "BatchStrategy": Only("SingleRecord"),
        "ModelClientConfig": NOT_IDENTITY,  # how long to wait for an answer, and how often
        "Environment": {
            "PEDIGREE_IMAGES": KEY,  # as `images`
        },
        "TransformInput": {
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": Only("ManifestFile"),
                    "S3Uri": KEY,  # made of the name; it lists `images`
                }
            },
            "ContentType": KEY,  # as `types`
            "SplitType": Only("None"),
        },
        "TransformOutput": {
            "S3OutputPath": KEY,  # made of the name
            "Accept": KEY,  # as `types`
            "AssembleWith": Only("None"),
        },
        "TransformResources": {
            "InstanceType": NOT_IDENTITY,  # placement
            "InstanceCount": NOT_IDENTITY,  # placement
        },
    },
    "model package": {
        "ModelPackageGroupName": KEY,  # where versions are looked for
        "ModelPackageDescription": NOT_IDENTITY,  # a sentence about it
        "InferenceSpecification": {
            "Containers": {
                "0": {
                    "Image": KEY,  # as `image`
                    "ModelDataUrl": KEY,  # made of the key; `artifact` is the digest of what lies there
                }
            },
            "SupportedContentTypes": Only(["image/jpeg", "image/png"]),
            "SupportedResponseMIMETypes": Only(["application/json"]),
        },
        "ModelApprovalStatus": NOT_IDENTITY,  # a person may change it
        "CustomerMetadataProperties": NOT_IDENTITY,  # the key itself, and where the version comes from
        "ClientToken": NOT_IDENTITY,  # made of the key
    },
    "model package group": {
        "ModelPackageGroupName": NOT_IDENTITY,  # an endpoint has one
        "ModelPackageGroupDescription": NOT_IDENTITY,  # a sentence about it
        "Tags": NOT_IDENTITY,  # they say who asked, not for what; no description has them
    },
    "alias": {
        "FunctionName": NOT_IDENTITY,  # it is described by function and name
        "Name": NOT_IDENTITY,  # it is described by function and name
        "FunctionVersion": NOT_IDENTITY,  # a deployment moves it
    },
    "function URL": {
        "FunctionName": NOT_IDENTITY,  # it is described by function and alias
        "Qualifier": NOT_IDENTITY,  # it is described by function and alias
        "AuthType": NOT_IDENTITY,  # it is updated where another one is wanted
    },
}
NAMES = ("ChannelName", "VariantName", "Name")  # of the members of lists: their order says nothing
UNORDERED = ("Subnets", "SecurityGroupIds")
DEFAULTS = {  # what AWS documents for a member that nobody asked for
    "OutputDataConfig.CompressionType": "GZIP",
    "DataProcessing.InputFilter": "$",
    "DataProcessing.OutputFilter": "$",
    "DataProcessing.JoinSource": "None",
    "TransformInput.CompressionType": "None",
}
ADDED_BY_AWS = ("PrimaryContainer",)  # no page says what it holds for a model made from a package: what is added there is logged


@dataclass(frozen=True)
class Difference:
    """One field, by its path in the request, with another value than the requested one; None is no value."""

    field: str
    found: Any
    wanted: Any

    def __str__(self) -> str:
        return f"{self.field} is {self.found!r}, wanted {self.wanted!r}"


def identify(kind: str, request: Mapping[str, Any], **parts: Any) -> str:
    """The key of these parts, and of every member of the request that COVERED does not hold."""
    kept = left(COVERED[kind], canonical(request))
    return key_of(**parts, **({"rest": kept} if kept else {}))


def extended(key: str, kind: str, request: Mapping[str, Any]) -> str:
    """The key, changed when another request for the same resource has a member that COVERED does not hold."""
    kept = left(COVERED[kind], canonical(request))
    return key_of(key=key, rest=kept) if kept else key


def left(covered: Covered | None, value: Any) -> Any:
    """The members that COVERED does not hold, nested ones too; None when it holds all."""
    if isinstance(covered, Cover):
        return None
    if isinstance(covered, Only):
        return None if value == covered.value else value
    if covered is None or not isinstance(value, Mapping):
        return value
    kept = {name: left(covered.get(name), each) for name, each in value.items()}
    return {name: each for name, each in kept.items() if each is not None} or None


def differences(
    covered: Mapping[str, Covered], wanted: Mapping[str, Any], found: Mapping[str, Any], described: Collection[str]
) -> list[Difference]:
    """Every field that only one of request and description has, or with another value, except members that are no identity.

    `described` are the members of a request that a description has too.
    """
    asked, there = (canonical({name: value for name, value in each.items() if name in described}) for each in (wanted, found))
    return list(compare(covered, asked, there))


def compare(covered: Covered | None, wanted: Any, found: Any, path: str = "") -> Iterator[Difference]:
    if covered is NOT_IDENTITY or wanted == found:
        return
    if isinstance(covered, Mapping):  # where the whole member is absent, each of its own is
        wanted, found = wanted or {}, found or {}
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name in sorted(wanted.keys() | found.keys()):
            inside = covered.get(name) if isinstance(covered, Mapping) else covered
            yield from compare(inside, wanted.get(name), found.get(name), f"{path}.{name}".lstrip("."))
    elif wanted is None and path.startswith(tuple(f"{each}." for each in ADDED_BY_AWS)):
        LOG.info(f"AWS added {path} = {found!r}, which nobody asked for")
    else:
        yield Difference(path, found, wanted)


def canonical(value: Any, path: str = "") -> Any:
    """The same value for requests with the same meaning: lists by the names of their items, nothing empty, off or default."""
    if isinstance(value, Mapping):
        members = {str(name): canonical(each, f"{path}.{name}".lstrip(".")) for name, each in value.items()}
        return {name: each for name, each in members.items() if not is_empty(each)}
    if isinstance(value, list | tuple):
        if path.rpartition(".")[-1] in UNORDERED:
            return sorted(value)
        if value and all(isinstance(each, Mapping) for each in value):
            return canonical({name_of(each, number): each for number, each in enumerate(value)}, path)
        return list(value)
    return None if value == DEFAULTS.get(path) else value


def name_of(member: Mapping[str, Any], number: int) -> str:
    return str(next((member[name] for name in NAMES if name in member), number))


def is_empty(value: Any) -> bool:
    """Whether AWS treats the value as absent: None, False, or an empty text or container; 0 is a value."""
    return value is None or value is False or (isinstance(value, str | list | Mapping) and not value)

"""The permissions that a call needs, as (IAM action, resource): from the table in `resources` and from rules beyond it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import unquote

from local_aws.call import Call
from local_aws.cloud import Cloud
from local_aws.iam.linked import SCALING_ROLES
from local_aws.iam.machines import kind_of, resource_context, roles_of_profile, taggings
from local_aws.iam.resources import ACTIONS, FREE, PASSED_ROLES, PREFIXES, RESOURCES, TAG_PARAMETERS, TAGGING

PLACEHOLDER = re.compile(r"\{(\w+)\}")
AMAZONS_OWN = ("parameter/aws/", "document/AWS-")  # ARNs of these have no account


@dataclass(frozen=True)
class Requirement:
    """One required permission; `context` holds its condition keys."""

    action: str
    resource: str
    context: Mapping[str, list[str]] = field(default_factory=dict)


def requirements(cloud: Cloud, call: Call) -> list[Requirement]:
    """All permissions that a call needs, its main permission first; empty for a call that needs none."""
    if (call.service, call.operation) in FREE:
        return []
    if (call.service, call.operation) == ("s3", "DeleteObjects"):
        return list(batch_deletion(call))
    if (call.service, call.operation) == ("lambda", "InvokeFunctionUrl"):
        return list(url_requirements(cloud, call))
    action, arns = action_of(call), resources_of(cloud, call)
    needed = [Requirement(action, arn, resource_context(cloud, call, arn)) for arn in arns]
    if (
        call.service in TAGGING
        and not call.operation.startswith(("Add", "Tag"))
        and any(call.parameters.get(name) for name in TAG_PARAMETERS)
    ):
        needed.append(Requirement(f"{prefix_of(call)}:{TAGGING[call.service]}", arns[0]))
    needed += [
        Requirement("iam:PassRole", role, {"iam:passedtoservice": [f"{passed_to(call)}.amazonaws.com"]})
        for role in passed_roles(cloud, call)
    ]
    if call.service == "s3":
        needed += s3_requirements(cloud, call)
    if call.service == "ec2":
        needed += [Requirement("ec2:CreateTags", arn, context) for arn, context in taggings(cloud, call)]
    if call.operation == "DescribeStacks" and "StackName" not in call.parameters:
        needed.append(Requirement("cloudformation:ListStacks", "*"))
    if call.operation == "RegisterScalableTarget":
        role = SCALING_ROLES.get(call.parameters["ServiceNamespace"])
        if role and not role.exists(cloud):
            service = {"iam:awsservicename": [role.service]}
            needed.append(Requirement("iam:CreateServiceLinkedRole", role.arn(cloud), service))
    return needed


def action_of(call: Call) -> str:
    operation = ACTIONS.get(call.service, {}).get(call.operation, call.operation)
    if call.service == "s3" and call.parameters.get("VersionId") and operation in ("GetObject", "DeleteObject"):
        operation += "Version"
    return f"{prefix_of(call)}:{operation}"


def prefix_of(call: Call) -> str:
    return PREFIXES.get(call.service, call.service)


def resources_of(cloud: Cloud, call: Call) -> list[str]:
    """The resource ARNs of a call; "*" when the operation has no resource or the call does not name it."""
    if (call.service, call.operation) == ("s3", "DeleteObjects"):
        return [requirement.resource for requirement in batch_deletion(call)]
    templates = table(call.service).get(call.operation, "").split()
    arns = [arn for template in templates for arn in fill(cloud, call, template)]
    return arns or ["*"]


@cache
def table(service: str) -> dict[str, str]:
    """The resources of each operation of a service."""
    return {operation: resource for resource, operations in RESOURCES.get(service, {}).items() for operation in operations.split()}


def fill(cloud: Cloud, call: Call, template: str) -> Iterator[str]:
    """Fill an ARN template: one ARN for each value of a list parameter, none when a parameter is missing."""
    names = PLACEHOLDER.findall(template)
    for values in product(*(values_of(cloud, call, name) for name in names)):
        whole = next((value for value in values if value.startswith("arn:")), None)
        # a caller may give the resource's ARN in place of its name
        yield whole or expand(cloud, call, template, dict(zip(names, values, strict=True)))


def values_of(cloud: Cloud, call: Call, name: str) -> list[str]:
    if name in ("region", "account"):
        return [getattr(cloud, name)]
    if name == "FunctionName":
        return [function_resource(call)]
    if name == "QueueUrl":
        return [str(call.parameters[name]).rpartition("/")[2]]
    if (call.service, name) == ("ec2", "Resources"):
        return [f"{kind_of(each)}/{each}" for each in call.parameters[name]]
    value = call.parameters.get(name)
    return [str(item) for item in (value if isinstance(value, list) else [value])] if value else []


def expand(cloud: Cloud, call: Call, template: str, values: Mapping[str, str]) -> str:
    if call.service == "sagemaker":
        values = {name: value.lower() for name, value in values.items()}  # ARNs of this service have names in lower case
    if call.service == "ssm":
        values = {name: value.removeprefix("/") for name, value in values.items()}
    text = PLACEHOLDER.sub(lambda match: values[match[1]], template)
    if text.startswith("arn:"):
        return text
    if call.service == "ssm" and text.startswith(AMAZONS_OWN):
        return f"arn:aws:ssm:{cloud.region}::{text}"
    where = {"s3": ":", "iam": f":{cloud.account}", "sts": f":{cloud.account}"}.get(call.service, f"{cloud.region}:{cloud.account}")
    return f"arn:aws:{prefix_of(call)}:{where}:{text}"


def function_resource(call: Call) -> str:
    """The function of a call: name, `name:qualifier` or ARN, with the qualifier of the call."""
    name = str(call.parameters.get("FunctionName") or call.parameters.get("functionName"))
    name = name.partition(":function:")[2] or name
    qualifier = call.parameters.get("Qualifier")
    return f"{name}:{qualifier}" if qualifier and ":" not in name else name


def passed_roles(cloud: Cloud, call: Call) -> list[str]:
    """ARNs of all roles that a call passes to a service, in its parameters or through an instance profile."""
    if call.operation == "RunInstances":
        return roles_of_profile(cloud, call)
    if call.operation == "AddRoleToInstanceProfile":
        return [f"arn:aws:iam::{cloud.account}:role/{call.parameters['RoleName']}"]
    names = PASSED_ROLES.get(call.service, ())
    return list(role_values(call.parameters, names)) if names else []


def passed_to(call: Call) -> str:
    return "ec2" if call.service == "iam" else call.service


def role_values(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in names and isinstance(inner, str):
                yield inner
            else:
                yield from role_values(inner, names)
    elif isinstance(value, list):
        for inner in value:
            yield from role_values(inner, names)


def s3_requirements(cloud: Cloud, call: Call) -> Iterator[Requirement]:
    parameters = call.parameters
    if source := parameters.get("CopySource"):
        yield Requirement("s3:GetObject", f"arn:aws:s3:::{unquote(source).removeprefix('/').partition('?')[0]}")
    if parameters.get("Tagging") and call.operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
        yield Requirement("s3:PutObjectTagging", f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}")
    if call.operation == "GetObjectAttributes":
        yield Requirement("s3:GetObject", f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}")
    # only a caller who may list the bucket gets 404 for a missing object
    if call.operation in ("GetObject", "HeadObject") and is_missing(cloud, parameters["Bucket"], parameters["Key"]):
        yield Requirement("s3:ListBucket", f"arn:aws:s3:::{parameters['Bucket']}")


def url_requirements(cloud: Cloud, call: Call) -> Iterator[Requirement]:
    """The two permissions for a request to a Function URL; AWS requires both since October 2025."""
    arn = cloud.arn("lambda", f"function:{function_resource(call)}")
    yield Requirement("lambda:InvokeFunctionUrl", arn)
    yield Requirement("lambda:InvokeFunction", arn, {"lambda:invokedviafunctionurl": ["true"]})


def batch_deletion(call: Call) -> Iterator[Requirement]:
    """One requirement for each object."""
    for item in call.parameters["Delete"]["Objects"]:
        action = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
        yield Requirement(action, f"arn:aws:s3:::{call.parameters['Bucket']}/{item['Key']}")


def is_missing(cloud: Cloud, bucket: str, key: str) -> bool:
    books = cloud.books("s3")
    return bucket in books.buckets and books.get_object(bucket, key) is None

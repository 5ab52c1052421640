"""The template keeps to the limits of CloudFormation and IAM, whatever the project is called: beyond them AWS refuses the stack.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto.cloudformation.models import Stack

from deployments.bootstrap import TEMPLATE

LONGEST = {"${Project}": "p" * 20, "${AWS::Region}": "ap-southeast-1", "${AWS::AccountId}": "1" * 12, "${Bucket}": "b" * 48}
ARN = "arn:aws:iam::111111111111:role/" + "p" * 40
RESOURCES: dict[str, dict[str, Any]] = Stack.parse_template(TEMPLATE.read_text())["Resources"]


def filled(value: Any) -> Any:
    """The value with the longest text in place of every reference."""
    if isinstance(value, Mapping):
        if "Fn::Sub" not in value:
            return ARN if value.keys() & {"Ref", "Fn::GetAtt"} else {name: filled(inner) for name, inner in value.items()}
        text = value["Fn::Sub"]
        for name, longest in LONGEST.items():
            text = text.replace(name, longest)
        return text
    return [filled(inner) for inner in value] if isinstance(value, list) else value


def size(document: Any) -> int:
    """As IAM counts, without white space."""
    return len("".join(json.dumps(filled(document), separators=(",", ":")).split()))


def policies(kind: str) -> Iterator[tuple[str, int]]:
    for name, resource in RESOURCES.items():
        if resource["Type"] == kind:
            properties = resource["Properties"]
            documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])] or [properties.get("PolicyDocument")]
            yield name, sum(map(size, documents))


@pytest.mark.parametrize(("kind", "most"), [("AWS::IAM::Role", 10_240), ("AWS::IAM::ManagedPolicy", 6_144)])
def test_policies_are_no_longer_than_iam_takes(kind: str, most: int) -> None:
    sizes = dict(policies(kind))
    assert sizes
    assert {name: length for name, length in sizes.items() if length > most} == {}


def test_the_template_is_no_longer_than_cloudformation_takes() -> None:
    assert len(TEMPLATE.read_bytes()) <= 51_200

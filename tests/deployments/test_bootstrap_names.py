"""The roles of a project reach all that is called after it, and nothing of a project whose name begins with its own."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto.cloudformation.models import Stack

from deployments.bootstrap import TEMPLATE
from local_aws.iam.patterns import matches
from pedigree.aws.naming import job_name, within

RESOURCES: dict[str, dict[str, Any]] = Stack.parse_template(TEMPLATE.read_text())["Resources"]
KEY, REGION, ACCOUNT = "0123456789abcdef", "us-east-1", "1" * 12


def substituted(value: Any) -> Iterator[str]:
    """Every text of a policy in which the project's name is filled in."""
    if isinstance(value, Mapping):
        if "${Project}" in str(value.get("Fn::Sub", "")):
            yield value["Fn::Sub"]
        for each in value.values():
            yield from substituted(each)
    elif isinstance(value, list):
        for each in value:
            yield from substituted(each)


def patterns(project: str) -> set[str]:
    statements = [
        statement
        for resource in RESOURCES.values()
        for policy in [resource["Properties"], *resource["Properties"].get("Policies", [])]
        for statement in policy.get("PolicyDocument", {}).get("Statement", [])
    ]
    fillings = {"${Project}": project, "${AWS::Region}": REGION, "${AWS::AccountId}": ACCOUNT, "${Bucket}": f"{project}-bucket"}
    found = set()
    for text in (text for statement in statements for text in substituted(statement.get("Resource"))):
        for name, value in fillings.items():
            text = text.replace(name, value)
        found.add(text)
    return found


def resources(project: str) -> Iterator[str]:
    """ARNs of what a project makes."""
    sagemaker, here = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}", f"{REGION}:{ACCOUNT}"
    yield from (f"{sagemaker}:training-job/{job_name(project, kind, KEY, 2)}" for kind in ("train", "trial", "evaluate"))
    yield f"{sagemaker}:transform-job/{job_name(project, 'score', KEY)}"
    yield f"{sagemaker}:model/{job_name(project, 'model', KEY)}"
    yield f"{sagemaker}:endpoint-config/{job_name(project, 'config', KEY)}"
    yield f"arn:aws:s3:::{project}-bucket/training/{job_name(project, 'ec2', KEY)}/job.json"
    yield f"arn:aws:logs:{here}:log-group:/aws/ssm/{project}:log-stream:i-1"
    for endpoint in (project, within(project, "beta")):
        yield from (f"{sagemaker}:endpoint/{name}" for name in (endpoint, within(endpoint, "rehearsal"), within(endpoint, "measured")))
        yield from (f"{sagemaker}:model-package-group/{endpoint}", f"{sagemaker}:model-package/{endpoint}/7")
        yield from (f"arn:aws:lambda:{here}:function:{endpoint}", f"arn:aws:lambda:{here}:function:{endpoint}:live")
        yield from (f"arn:aws:cloudwatch:{here}:alarm:{within(endpoint, name)}" for name in ("rollback-5xx", "cpu-out"))
        yield f"arn:aws:cloudwatch:{here}:alarm:TargetTracking-endpoint/{endpoint}/variant/AllTraffic-AlarmHigh-1"
        yield f"arn:aws:cloudwatch:{here}:alarm:TargetTracking-function:{endpoint}:3-AlarmHigh-1"
        yield f"arn:aws:logs:{here}:log-group:/aws/lambda/{endpoint}:log-stream:1"


def reached(project: str, arn: str) -> list[str]:
    return [pattern for pattern in patterns(project) if matches(pattern, arn)]


@pytest.mark.parametrize("arn", list(resources("pedigree")))
def test_a_role_reaches_what_its_project_makes(arn: str) -> None:
    assert reached("pedigree", arn)


@pytest.mark.parametrize(
    "neighbour", ["pedigree-two", "pedigree-model", "pedigree-config", "pedigree-training", "pedigree2", "my-pedigree"]
)
def test_no_role_reaches_what_another_project_makes(neighbour: str) -> None:
    assert {arn: reached("pedigree", arn) for arn in resources(neighbour) if reached("pedigree", arn)} == {}
    assert {arn: reached(neighbour, arn) for arn in resources("pedigree") if reached(neighbour, arn)} == {}


def test_what_serves_since_before_is_reached_and_nothing_else_that_was_called_so() -> None:
    before = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/pedigree-config-{KEY}"
    assert reached("pedigree", before)
    assert not reached("pedigree", before.replace("endpoint-config/pedigree-config", "training-job/pedigree-train"))

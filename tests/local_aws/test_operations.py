"""Each operation that is executed is AWS's own, is authorised on a resource or on purpose on none, and is called by a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest
from botocore import xform_name
from moto.core.utils import get_service_model

from local_aws.call import Operations
from local_aws.iam.requirements import table
from local_aws.iam.resources import FREE
from local_aws.server import LocalAws, all_operations

ROOT = Path(__file__).parents[2]
ON_NO_RESOURCE = {  # Resource "*": they list, or AWS does not let a policy name what they are about
    "application-autoscaling": {"DescribeScalingActivities", "DescribeScalingPolicies", "DescribeScheduledActions"},
    "cloudwatch": {"DescribeAlarmHistory", "GetMetricData", "GetMetricStatistics", "ListMetrics", "PutMetricData"},
    "lambda": {"GetAccountSettings"},
    "sagemaker": {"ListEndpoints", "ListModels", "ListTrainingJobs", "ListTransformJobs"},
    "service-quotas": {"GetServiceQuota", "ListServiceQuotas"},
    "ssm": {"CancelCommand", "DescribeInstanceInformation", "GetCommandInvocation", "ListCommandInvocations", "ListCommands"},
}


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    """Those of a local_aws that answers nobody."""
    aws = LocalAws("127.0.0.1", 0, tmp_path_factory.mktemp("aws") / "state")
    yield all_operations(aws._services)
    aws._server.server_close()
    for service in aws._services:
        service.close()


def test_aws_has_every_operation(operations: Operations) -> None:
    unknown = [(service, name) for service, name in operations if name not in get_service_model(service).operation_names]
    assert unknown == []


def test_every_operation_is_authorised_on_its_resource(operations: Operations) -> None:
    without = [each for each in operations if each not in FREE and each[1] not in table(each[0])]
    assert [(service, name) for service, name in without if name not in ON_NO_RESOURCE.get(service, ())] == []


def test_a_test_calls_every_operation(operations: Operations) -> None:
    others = {"test_operations.py", "recipes.py"}  # they name operations and call none
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("*.py") if file.name not in others)
    assert [name for _, name in operations if not re.search(rf"\b({name}|{xform_name(name)})\b", tests)] == []


def test_every_handler_is_an_operation() -> None:
    classes = [node for file in (ROOT / "local_aws").rglob("*.py") for node in ast.walk(ast.parse(file.read_text())) if is_class(node)]
    assert [f"{service.name}.{name}" for service in classes for name in unlisted(service)] == []


def is_class(node: ast.AST) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef)


def unlisted(service: ast.ClassDef) -> list[str]:
    """The public methods of a service that take a call and are no value of its `operations`."""
    methods = {each.name: each for each in service.body if isinstance(each, ast.FunctionDef)}
    if "operations" not in methods:
        return []
    listed = {node.attr for node in ast.walk(methods["operations"]) if isinstance(node, ast.Attribute)}
    handlers = [name for name, each in methods.items() if [given.arg for given in each.args.args] == ["self", "call"]]
    return [name for name in handlers if name not in listed and not name.startswith("_")]

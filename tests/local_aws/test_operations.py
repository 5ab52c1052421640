"""Each operation that is executed is AWS's own, is authorised on a resource or on purpose on none, and is called by a test."""

import ast
import importlib
import re
from pathlib import Path
from typing import TypeGuard

import pytest
from botocore import xform_name
from moto.core.utils import get_service_model

from docs.make.operations_table import PAGE, executed_operations, operations_table
from local_aws.books import Books
from local_aws.call import Call, Operations, Principal
from local_aws.catalogue import KEPT
from local_aws.cloud import Cloud
from local_aws.iam.requirements import table
from local_aws.iam.resources import FREE

ROOT = Path(__file__).parents[2]
ON_NO_RESOURCE = {  # Resource "*": they list, or AWS does not let a policy name what they are about
    "application-autoscaling": {"DescribeScalingActivities", "DescribeScalingPolicies", "DescribeScheduledActions"},
    "cloudwatch": {"DescribeAlarmHistory", "GetMetricData", "GetMetricStatistics", "ListMetrics", "PutMetricData"},
    "lambda": {"GetAccountSettings"},
    "sagemaker": {"ListEndpoints", "ListHyperParameterTuningJobs", "ListModels", "ListTrainingJobs", "ListTransformJobs"},
    "service-quotas": {"GetServiceQuota", "ListServiceQuotas"},
    "ssm": {"CancelCommand", "DescribeInstanceInformation", "GetCommandInvocation", "ListCommandInvocations", "ListCommands"},
}


@pytest.fixture(scope="module")
def operations() -> Operations:
    return executed_operations()


def test_aws_has_every_operation(operations: Operations) -> None:
    unknown = [(service, name) for service, name in operations if name not in get_service_model(service).operation_names]
    assert unknown == []


def test_every_operation_of_a_service_is_executed_or_kept_or_refused(operations: Operations, tmp_path: Path) -> None:
    """Walks botocore's lists: whatever is not declared, the books refuse, however much moto pretends to do."""
    books, answered = Books(Cloud("http://127.0.0.1:1", tmp_path)), {service for service, _ in operations} | KEPT.keys()
    for service in answered:
        for name in get_service_model(service).operation_names:
            if (service, name) not in operations and name not in kept(service):
                with pytest.raises(NotImplementedError):
                    books.answer(Call(service, name, Principal(""), {}), {})


def test_moto_keeps_what_is_declared_kept(operations: Operations) -> None:
    unknown = [(service, name) for service in KEPT for name in kept(service) if not moto_knows(service, name)]
    both = [(service, name) for service in KEPT for name in kept(service) if (service, name) in operations]
    assert (unknown, both) == ([], [])


def test_the_page_has_the_table_of_operations(operations: Operations) -> None:
    assert operations_table(operations) in PAGE.read_text(), "python -m docs.make.operations_table"


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


def kept(service: str) -> frozenset[str]:
    return KEPT[service].operations if service in KEPT else frozenset()


def moto_knows(service: str, operation: str) -> bool:
    """Whether botocore has the operation, and moto has code for it."""
    package = {"lambda": "awslambda", "application-autoscaling": "applicationautoscaling"}.get(service, service)
    modules = [importlib.import_module(f"moto.{package}.{module}") for module in ("responses", "models")]
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    known = any(hasattr(each, xform_name(operation)) for each in classes if each.__module__.startswith("moto."))
    return known and operation in get_service_model(service).operation_names


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

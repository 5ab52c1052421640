"""Every member of a request that local_aws executes is acted on, ignored on purpose, or refused."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from docs.make.members_table import members_table
from docs.make.operations_table import PAGE, executed_operations
from local_aws.call import AwsError, Call, Operations, Principal
from local_aws.members.check import TABLES, checked, members_of, undeclared
from tests.lab.running_aws import RunningAws

ROOT = Path(__file__).parents[2] / "local_aws"
# members that handlers pass on whole, or whose name they put together
UNNAMED = {"StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration", "Timeout", "MemorySize"}
UNNAMED |= {"CreationTimeAfter", "CreationTimeBefore", "LastModifiedTimeAfter", "LastModifiedTimeBefore", "DataSource", "Key", "Value"}
UNNAMED |= {"Id", "SqsParameters"}


@pytest.fixture(scope="module")
def operations() -> Operations:
    return executed_operations()


def test_the_declared_operations_are_the_executed_ones(operations: Operations) -> None:
    declared = {(service, name) for table in TABLES for service, names in table.READ.items() for name in names}
    ignoring = {(service, name) for table in TABLES for service, names in table.IGNORED.items() for name in names}
    assert declared == operations.keys()
    assert ignoring <= declared


def test_every_declared_member_is_one_of_aws(operations: Operations) -> None:
    unknown = [(*each, path) for each in operations for path in members_of(*each).declared if path not in members(*each)]
    assert unknown == []


def test_no_member_is_read_and_ignored(operations: Operations) -> None:
    assert [each for each in operations if members_of(*each).read & members_of(*each).ignored.keys()] == []


def test_the_code_names_every_member_that_it_acts_on(operations: Operations) -> None:
    unread = [
        (*each, path)
        for each, handler in operations.items()
        for path in members_of(*each).read
        if not {*path.split(".")} - UNNAMED <= literals_of(folder_of(handler))
    ]
    assert unread == []


def test_every_other_member_is_refused(operations: Operations) -> None:
    """Walks botocore's shapes, so a member that botocore gains is refused until somebody declares it."""
    for service, name in operations:
        declared, walked = members_of(service, name).declared, members(service, name)
        for path in walked:
            if any(each.startswith(f"{path}.") for each in declared):
                continue  # its members are declared one by one
            covered = any(path == each or path.startswith(f"{each}.") for each in declared)
            assert list(undeclared(request_of(path), declared)) == ([] if covered else [shortest(path, declared)])


def test_a_refusal_names_member_and_operation() -> None:
    handler = checked("sagemaker", "CreateTrainingJob", lambda _: {})
    asked = {"TrainingJobName": "t", "ResourceConfig": {"InstanceType": "ml.m5.large", "KeepAlivePeriodInSeconds": 60}}
    with pytest.raises(AwsError, match=r"does not act on ResourceConfig\.KeepAlivePeriodInSeconds of CreateTrainingJob"):
        handler(Call("sagemaker", "CreateTrainingJob", Principal(""), asked))


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "lambda",
        "create_function_url_config",
        {"FunctionName": "f", "AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"},
        "InvalidParameter",
    ),
    ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": "{}", "OnFailure": "DELETE"}, "ValidationError"),
    ("cloudwatch", "describe_alarm_history", {"AlarmName": "a", "AlarmTypes": ["CompositeAlarm"]}, "ValidationError"),
    ("ec2", "terminate_instances", {"InstanceIds": ["i-1"], "SkipOsShutdown": True}, "UnsupportedOperation"),
    ("application-autoscaling", "put_scaling_policy", {"PredictiveScalingPolicyConfiguration": {"MetricSpecifications": []}}, "Validation"),
]


@pytest.mark.parametrize(("service", "method", "arguments", "code"), REFUSED)
def test_a_member_that_nothing_heeds_is_refused(aws: RunningAws, service: str, method: str, arguments: dict[str, Any], code: str) -> None:
    target = {"PolicyName": "p", "ServiceNamespace": "lambda", "ResourceId": "function:f:1", "PolicyType": "PredictiveScaling"}
    scaled = {**target, "ScalableDimension": "lambda:function:ProvisionedConcurrency"} if service.startswith("application") else {}
    with pytest.raises(ClientError, match="refuses it rather than ignore it") as raised:
        getattr(aws.client(service), method)(**scaled, **arguments)
    assert raised.value.response["Error"]["Code"].startswith(code)


def test_the_page_has_the_table_of_ignored_members() -> None:
    assert members_table() in PAGE.read_text(), "python -m docs.make.members_table"


def input_shape(service: str, operation: str) -> Any:
    return get_service_model(service).operation_model(operation).input_shape


def paths_of(shape: Any, prefix: str = "", within: tuple[str, ...] = ()) -> Iterator[str]:
    """Every member at every depth, without the members of a structure that is within itself."""
    if shape is None or shape.name in within:
        return
    if shape.type_name == "list":
        yield from paths_of(shape.member, prefix, within)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield f"{prefix}{name}"
            yield from paths_of(member, f"{prefix}{name}.", (*within, shape.name))


@cache
def members(service: str, operation: str) -> frozenset[str]:
    return frozenset(paths_of(input_shape(service, operation)))


def request_of(path: str) -> Any:
    value: Any = "given"
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def shortest(path: str, declared: frozenset[str]) -> str:
    """The part of a path at which a request leaves what is declared."""
    names = path.split(".")
    parts = [".".join(names[: count + 1]) for count in range(len(names))]
    return next(part for part in parts if not any(each.startswith(f"{part}.") for each in declared))


def folder_of(handler: Any) -> Path:
    return Path(inspect.getfile(inspect.unwrap(handler)))


@cache
def literals_of(file: Path) -> set[str]:
    """The strings in the code of a handler's package, or of its module where it has no package of its own."""
    files = file.parent.glob("*.py") if file.parent != ROOT else [file, ROOT / "listing.py"]
    shared = [ROOT / "listing.py", ROOT / "iam" / "machines.py"]
    nodes = [node for each in [*files, *shared] for node in ast.walk(ast.parse(each.read_text()))]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}

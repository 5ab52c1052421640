import json
import os
import signal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.running_aws import RunningAws
from tests.local_aws.deployed import Deployer, running, wait_until

ECHO = """
def handler(event, context):
    print("got", event)
    return {"event": event, "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis()}
"""


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str, int]:
    response: Any = error.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_function_gets_its_event_its_context_and_its_variables(deploy: Deployer) -> None:
    source = ECHO + '\nimport os\ndef variables(event, context):\n    return {name: os.environ.get(name, "") for name in event}\n'
    answer = deploy(source, Timeout=20).invoke({"a": 1}).payload
    assert answer["event"] == {"a": 1}
    assert answer["left"] <= 20_000
    function = deploy(source, Handler="main.variables", MemorySize=256, Environment={"Variables": {"MINE": "yes"}})
    names = ["MINE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_REGION"]
    assert list(function.invoke(names).payload.values()) == ["yes", function.name, "$LATEST", "256", "us-east-1"]


def test_a_function_is_found_by_name_arn_and_qualifier(deploy: Deployer) -> None:
    function = deploy(ECHO)
    arn = function.client.get_function_configuration(FunctionName=function.name)["FunctionArn"]
    version = function.publish()
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    for reference in (function.name, arn, f"{arn}:live", f"{function.name}:{version}"):
        answer = json.loads(function.client.invoke(FunctionName=reference, Payload=b"{}")["Payload"].read())
        assert answer["arn"] == (reference if reference.startswith("arn") else reference.replace(function.name, arn))
    assert function.invoke(qualifier="live").version == version
    assert function.invoke(qualifier="$LATEST").version == "$LATEST"
    with pytest.raises(ClientError) as error:
        function.invoke(qualifier="9")
    assert code_of(error) == ("ResourceNotFoundException", f"Function not found: {arn}:9", 404)


def test_a_dry_run_answers_204_and_runs_nothing(deploy: Deployer) -> None:
    function = deploy(ECHO)
    assert function.client.invoke(FunctionName=function.name, InvocationType="DryRun")["StatusCode"] == 204
    assert not function.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.name}")["logGroups"]


def test_an_event_is_answered_202_and_runs(deploy: Deployer) -> None:
    function = deploy(ECHO)
    assert function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"n": 1}')["StatusCode"] == 202
    wait_until(lambda: function.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.name}")["logGroups"])
    wait_until(lambda: any(line == "got {'n': 1}" for line in function.log_lines()))


def test_an_exception_is_an_unhandled_error_with_its_traceback(deploy: Deployer) -> None:
    answer = deploy("def handler(event, context):\n    raise ValueError('no such breed')\n").invoke()
    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "ValueError"
    assert answer.payload["errorMessage"] == "no such breed"
    assert "line 2, in handler" in answer.payload["stackTrace"][0]
    assert "[ERROR] ValueError: no such breed" in answer.log


def test_a_timeout_ends_the_environment(deploy: Deployer) -> None:
    function = deploy("import os, time\ndef handler(event, context):\n    time.sleep(event)\n    return os.getpid()\n", Timeout=1)
    before = function.invoke(0).payload
    answer = function.invoke(30)
    assert answer.error == "Unhandled"
    assert answer.payload["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert "Task timed out after 1.00 seconds" in answer.log
    assert not running(before)
    assert function.invoke(0).payload != before


def test_a_runtime_that_exits_is_an_error_and_is_replaced(deploy: Deployer) -> None:
    function = deploy("import os\ndef handler(event, context):\n    os._exit(event) if event else None\n    return os.getpid()\n")
    answer = function.invoke(7)
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert answer.payload["errorMessage"].endswith("Runtime exited with error: exit status 7")
    killed = function.invoke().payload
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: isinstance(pid := function.invoke().payload, int) and pid != killed)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import nowhere", "Runtime.ImportModuleError", "Unable to import module 'main': No module named 'nowhere'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'main'"),
        ("raise ValueError('early')", "ValueError", "early"),
    ],
)
def test_code_that_does_not_start_is_an_error_of_every_invocation(deploy: Deployer, source: str, kind: str, message: str) -> None:
    function = deploy(source)
    for _ in range(2):
        answer = function.invoke()
        assert (answer.error, answer.payload["errorType"], answer.payload["errorMessage"]) == ("Unhandled", kind, message)


def test_the_log_has_lambdas_lines_and_an_init_duration_on_a_cold_start_only(deploy: Deployer) -> None:
    function = deploy(ECHO)
    cold, warm = function.invoke(1), function.invoke(2)
    assert "Init Duration" in cold.log
    assert "Init Duration" not in warm.log
    lines = list(function.log_lines())
    kinds = [line.split()[0] for line in lines]
    assert kinds == ["INIT_START", "START", "got", "END", "REPORT", "START", "got", "END", "REPORT"]
    assert "on-demand" in lines[0]
    assert warm.log.splitlines() == lines[5:]


def test_a_payload_that_is_no_json_or_too_large_is_refused(deploy: Deployer) -> None:
    function = deploy(ECHO)
    with pytest.raises(ClientError) as error:
        function.client.invoke(FunctionName=function.name, Payload=b"{")
    assert code_of(error)[0::2] == ("InvalidRequestContentException", 400)
    with pytest.raises(ClientError) as error:
        function.client.invoke(FunctionName=function.name, Payload=b'"' + b"a" * 6_291_456 + b'"')
    assert code_of(error)[0::2] == ("RequestTooLargeException", 413)


def test_a_response_over_6_mb_is_an_error(deploy: Deployer) -> None:
    answer = deploy("def handler(event, context):\n    return 'a' * event\n").invoke(6_300_000)
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


def test_invocations_and_errors_are_counted_in_cloudwatch(deploy: Deployer, aws: RunningAws) -> None:
    function = deploy("def handler(event, context):\n    return 1 / event\n")
    for divisor in (1, 0, 2):
        function.invoke(divisor)
    assert (metric(aws, function.name, "Invocations"), metric(aws, function.name, "Errors")) == (3, 1)


def metric(aws: RunningAws, function: str, name: str) -> float:
    answer = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime="2020-01-01T00:00:00Z",
        EndTime="2100-01-01T00:00:00Z",
        Period=86_400 * 36_500,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))

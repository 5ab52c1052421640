"""What a reservation and provisioned environments promise, kept by real handler processes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from botocore.exceptions import ClientError

from tests.local_aws.deployed import Deployed, Deployer, wait_until

RESERVED, MORE, PROVISIONED = 5, 15, 3
BARRIER = """
import os, time
def handler(event, context):
    open(os.path.join(event["arrived"], context.aws_request_id), "w").close()
    while not os.path.exists(event["until"]):
        time.sleep(0.01)
    return os.getpid()
"""


def test_with_all_five_reserved_held_each_of_fifteen_more_is_answered_429_with_retry_after(deploy: Deployer, tmp_path: Path) -> None:
    function, arrived, release = deploy(BARRIER), tmp_path / "arrived", tmp_path / "release"
    arrived.mkdir()
    event = {"arrived": str(arrived), "until": str(release)}
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=RESERVED)
    with ThreadPoolExecutor(RESERVED + MORE) as callers:
        held = [callers.submit(function.invoke, event) for _ in range(RESERVED)]
        try:
            wait_until(lambda: len(list(arrived.iterdir())) == RESERVED)
            refused = [future.result(timeout=60) for future in [callers.submit(refusal, function, event) for _ in range(MORE)]]
        finally:
            release.touch()
        answers = [future.result(timeout=60) for future in held]
    expected = (429, "TooManyRequestsException", "ReservedFunctionConcurrentInvocationLimitExceeded", "1")
    assert refused == [expected] * MORE
    assert len({answer.payload for answer in answers}) == RESERVED
    assert not any(answer.error for answer in answers)
    assert len(list(arrived.iterdir())) == RESERVED, "a refused call reached the handler"


def test_the_first_three_calls_of_three_provisioned_environments_show_no_init(deploy: Deployer, tmp_path: Path) -> None:
    function, arrived, release = deploy(BARRIER), tmp_path / "arrived", tmp_path / "release"
    arrived.mkdir()
    event = {"arrived": str(arrived), "until": str(release)}
    version = function.publish()
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    assert function.provision(version, PROVISIONED)["Status"] == "READY"
    with ThreadPoolExecutor(PROVISIONED) as callers:
        calls = [callers.submit(function.invoke, event, "live") for _ in range(PROVISIONED)]
        wait_until(lambda: len(list(arrived.iterdir())) == PROVISIONED)
        release.touch()
        first = [call.result(timeout=60) for call in calls]
    reports = [line for line in function.log_lines() if line.startswith("REPORT")]
    assert len(reports) == len({answer.payload for answer in first}) == PROVISIONED
    assert not [line for line in [*reports, *(answer.log for answer in first)] if "Init Duration" in line]
    assert "Init Duration" in function.invoke(event).log  # so it would have shown: $LATEST runs on demand


def refusal(function: Deployed, event: dict[str, str]) -> tuple[int, str, str, str] | None:
    """HTTP status, error code, reason and Retry-After of a call; None where it was answered."""
    try:
        function.invoke(event)
    except ClientError as error:
        response = error.response
        metadata = response["ResponseMetadata"]
        return metadata["HTTPStatusCode"], response["Error"]["Code"], response["Reason"], metadata["HTTPHeaders"]["retry-after"]  # type: ignore[typeddict-item]
    return None

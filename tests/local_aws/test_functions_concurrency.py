import os
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.deployed import HELD, Deployed, Deployer, wait_until

PID = "import os\ndef handler(event, context):\n    return os.getpid()\n"


@pytest.fixture
def account(deploy: Deployer) -> Any:
    """A Lambda client for questions about the account."""
    return deploy(PID).client


def test_reserved_concurrency_throttles_the_callers_above_it(deploy: Deployer, tmp_path: Path) -> None:
    function, release = deploy(HELD), tmp_path / "release"
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=2)
    answers = call_together(function, 5, release, until_throttled=3)
    refused = [answer for answer in answers if isinstance(answer, ClientError)]
    assert len(set(answers) - set(refused)) == 2
    for error in refused:
        response: Any = error.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert response["Error"]["Code"] == "TooManyRequestsException"
        assert (response["Reason"], response["Type"]) == ("ReservedFunctionConcurrentInvocationLimitExceeded", "User")
        assert response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"
    assert isinstance(function.invoke({"until": str(release)}).payload, int)


def test_reserved_concurrency_zero_stops_a_function(deploy: Deployer) -> None:
    function = deploy(PID)
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    assert function.client.get_function_concurrency(FunctionName=function.name)["ReservedConcurrentExecutions"] == 0
    with pytest.raises(function.client.exceptions.TooManyRequestsException):
        function.invoke()
    function.client.delete_function_concurrency(FunctionName=function.name)
    assert "ReservedConcurrentExecutions" not in function.client.get_function_concurrency(FunctionName=function.name)
    assert isinstance(function.invoke().payload, int)


def test_a_reservation_must_leave_100_to_the_others(deploy: Deployer, account: Any) -> None:
    function = deploy(PID)
    before = account.get_account_settings()["AccountLimit"]
    assert before["ConcurrentExecutions"] == 1000
    with pytest.raises(function.client.exceptions.InvalidParameterValueException, match=r"below its minimum value of \[100\]"):
        function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=901)
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=7)
    assert account.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == before["UnreservedConcurrentExecutions"] - 7


def test_idle_environments_are_used_again_and_parallel_calls_get_their_own(deploy: Deployer, tmp_path: Path) -> None:
    function, release = deploy(HELD), tmp_path / "release"
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(function.invoke, {"until": str(release)}) for _ in range(2)]
        wait_until(lambda: sum(line.startswith("START") for line in logged(function)) == 2)
        release.touch()
        first = {future.result().payload for future in waiting}
    assert len(first) == 2
    assert function.invoke({"until": str(release)}).payload in first


def test_provisioned_environments_are_ready_before_the_first_call(deploy: Deployer) -> None:
    function = deploy(PID)
    version = function.publish()
    config = function.provision(version, 2)
    assert (config["Status"], config["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)
    started = [line for line in function.log_lines() if line.startswith("INIT_START")]
    assert len(started) == 2
    assert all("provisioned-concurrency" in line for line in started)
    first = function.invoke(qualifier=version)
    assert "Init Duration" not in first.log
    assert "Init Duration" in function.invoke().log  # $LATEST runs on demand


def test_calls_above_the_provisioned_number_spill_over_up_to_the_reservation(deploy: Deployer, tmp_path: Path) -> None:
    function, release = deploy(HELD), tmp_path / "release"
    version = function.publish()
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=3)
    function.provision(version, 2)
    answers = call_together(function, 5, release, until_throttled=2, qualifier=version)
    assert len([answer for answer in answers if isinstance(answer, int)]) == 3
    kinds = Counter("provisioned" in line for line in function.log_lines() if line.startswith("INIT_START"))
    assert kinds == {True: 2, False: 1}


def test_an_alias_uses_the_provisioned_environments_of_its_version(deploy: Deployer) -> None:
    function = deploy(PID)
    version = function.publish()
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    function.provision(version, 1)
    by_version = function.invoke(qualifier=version).payload
    assert function.invoke(qualifier="live").payload == by_version


def test_provisioned_concurrency_of_an_alias_moves_with_it(deploy: Deployer) -> None:
    function = deploy(PID)
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=function.publish())
    function.provision("live", 1)
    before = function.invoke(qualifier="live").payload
    function.change(PID + "# changed\n")
    function.client.update_alias(FunctionName=function.name, Name="live", FunctionVersion=function.publish())
    wait_until(lambda: function.provisioned("live")["Status"] == "READY")
    after = function.invoke(qualifier="live")
    assert (after.version, after.payload != before, "Init Duration" in after.log) == ("2", True, False)


def test_a_provisioned_environment_that_dies_is_replaced(deploy: Deployer) -> None:
    function = deploy(PID)
    version = function.publish()
    function.provision(version, 1)
    killed = function.invoke(qualifier=version).payload
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: function.provisioned(version)["AvailableProvisionedConcurrentExecutions"] == 0)
    function.invoke(qualifier=version)
    wait_until(lambda: function.provisioned(version)["AvailableProvisionedConcurrentExecutions"] == 1)
    assert "Init Duration" not in function.invoke(qualifier=version).log


def test_code_that_does_not_start_fails_the_provisioned_concurrency(deploy: Deployer) -> None:
    function = deploy("import nowhere")
    config = function.provision(function.publish(), 1)
    assert (config["Status"], config["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")


def test_the_number_of_provisioned_environments_can_change_and_end(deploy: Deployer) -> None:
    function = deploy(PID)
    version = function.publish()
    for number in (1, 3, 2):
        assert function.provision(version, number)["AvailableProvisionedConcurrentExecutions"] == number
    listed = function.client.list_provisioned_concurrency_configs(FunctionName=function.name)["ProvisionedConcurrencyConfigs"]
    assert [config["FunctionArn"].split(":")[-1] for config in listed] == [version]
    function.client.delete_provisioned_concurrency_config(FunctionName=function.name, Qualifier=version)
    with pytest.raises(function.client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        function.provisioned(version)
    assert "Init Duration" in function.invoke(qualifier=version).log


def test_what_aws_refuses_of_provisioned_concurrency_is_refused(deploy: Deployer) -> None:
    function = deploy(PID)
    client, version = function.client, function.publish()
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="cannot be applied to unpublished function versions"):
        function.provision("$LATEST", 1)
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=2)
    with pytest.raises(
        client.exceptions.InvalidParameterValueException, match="should not be greater than the reservedConcurrentExecution"
    ):
        function.provision(version, 3)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        function.provision("9", 1)
    function.provision(version, 2)
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="should not be lower than configured total provisioned"):
        client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    with pytest.raises(client.exceptions.ResourceConflictException, match="already Provisioned version"):
        function.provision("live", 1)


def test_an_alias_has_either_weights_or_provisioned_concurrency(deploy: Deployer) -> None:
    function = deploy(PID)
    first = function.publish()
    function.change(PID + "# changed\n")
    weights = {"AdditionalVersionWeights": {function.publish(): 0.5}}
    client = function.client
    client.create_alias(FunctionName=function.name, Name="canary", FunctionVersion=first, RoutingConfig=weights)
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="Alias with weights"):
        function.provision("canary", 1)
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=first)
    function.provision("live", 1)
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="Alias with weights"):
        client.update_alias(FunctionName=function.name, Name="live", RoutingConfig=weights)


def call_together(function: Deployed, callers: int, release: Path, *, until_throttled: int, qualifier: str = "") -> list[Any]:
    """What each caller got: the payload or the ClientError; `release` lets the held ones go once so many were throttled."""
    barrier, throttled = threading.Barrier(callers), threading.Semaphore(0)

    def call() -> Any:
        barrier.wait()
        try:
            return function.invoke({"until": str(release)}, qualifier).payload
        except ClientError as error:
            throttled.release()
            return error

    with ThreadPoolExecutor(callers) as pool:
        futures = [pool.submit(call) for _ in range(callers)]
        counted = [throttled.acquire(timeout=20) for _ in range(until_throttled)]
        release.touch()
        answers = [future.result() for future in futures]
    assert all(counted)
    return answers


def logged(function: Deployed) -> list[str]:
    groups = function.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.name}")["logGroups"]
    return list(function.log_lines()) if groups else []

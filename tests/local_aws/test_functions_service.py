"""The Lambda service within this process: what needs its inside, or an account with a limit of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.call import AwsError, Call, Principal
from local_aws.cloud import Cloud
from local_aws.functions.registry import Registry
from local_aws.functions.service import Functions
from local_aws.journal import Journal
from local_aws.quotas import CONCURRENCY, Quotas
from tests.local_aws.deployed import running, wait_until, zip_of

PID = "import os\ndef handler(event, context):\n    return os.getpid()\n"
NAME = "service-test"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """moto's books in this process, with the role that the function runs under."""
    cloud = Cloud("http://127.0.0.1:9", tmp_path)
    iam = cloud.books("iam")
    iam.create_role(NAME, json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}), "/", None, "", {}, "3600")
    yield cloud
    iam.delete_role(NAME)
    if NAME in Registry(cloud).names():
        cloud.books("lambda").delete_function(NAME)


def do(functions: Functions, operation: str, **parameters: Any) -> dict[str, Any]:
    handler = functions.operations()["lambda", operation]
    return handler(Call("lambda", operation, Principal("tests"), {"FunctionName": NAME, **parameters}))


def create(functions: Functions, cloud: Cloud, source: str = PID) -> None:
    role = f"arn:aws:iam::{cloud.account}:role/{NAME}"
    do(functions, "CreateFunction", Role=role, Runtime="python3.11", Handler="main.handler", Code={"ZipFile": zip_of(source)})


def test_closing_ends_all_environments(cloud: Cloud) -> None:
    functions = Functions(cloud, Quotas(cloud), Journal(cloud.state / "journal.jsonl"))
    create(functions, cloud)
    on_demand = int(do(functions, "Invoke")["Payload"])
    version = do(functions, "PublishVersion")["Version"]
    do(functions, "PutProvisionedConcurrencyConfig", Qualifier=version, ProvisionedConcurrentExecutions=1)
    wait_until(lambda: do(functions, "GetProvisionedConcurrencyConfig", Qualifier=version)["Status"] == "READY")
    provisioned = int(do(functions, "Invoke", Qualifier=version)["Payload"])
    assert provisioned != on_demand
    functions.close()
    wait_until(lambda: not running(on_demand) and not running(provisioned))


def test_deleting_a_function_ends_its_environments(cloud: Cloud) -> None:
    functions = Functions(cloud, Quotas(cloud), Journal(cloud.state / "journal.jsonl"))
    create(functions, cloud)
    process = int(do(functions, "Invoke")["Payload"])
    do(functions, "DeleteFunction")
    wait_until(lambda: not running(process))


def test_the_accounts_own_limit_throttles_functions_without_a_reservation(cloud: Cloud) -> None:
    functions = Functions(cloud, Quotas(cloud, {CONCURRENCY: 0}), Journal(cloud.state / "journal.jsonl"))
    create(functions, cloud)
    with pytest.raises(AwsError) as error:
        do(functions, "Invoke")
    assert (error.value.code, vars(error.value)["Reason"]) == ("TooManyRequestsException", "ConcurrentInvocationLimitExceeded")


def test_a_new_account_has_nothing_to_reserve(cloud: Cloud) -> None:
    functions = Functions(cloud, Quotas(cloud, {CONCURRENCY: 10}), Journal(cloud.state / "journal.jsonl"))
    create(functions, cloud)
    with pytest.raises(AwsError, match="below its minimum value"):
        do(functions, "PutFunctionConcurrency", ReservedConcurrentExecutions=1)
    version = do(functions, "PublishVersion")["Version"]
    with pytest.raises(AwsError, match="below its minimum value"):
        do(functions, "PutProvisionedConcurrencyConfig", Qualifier=version, ProvisionedConcurrentExecutions=1)
    assert do(functions, "GetAccountSettings")["AccountLimit"]["UnreservedConcurrentExecutions"] == 10

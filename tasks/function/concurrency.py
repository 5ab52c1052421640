"""Reserved concurrency of the function, provisioned concurrency of the version (an alias with weights cannot carry it)."""

from typing import Any

from tasks.aws.errors import DeploymentFailed
from tasks.aws.waiting import wait_until
from tasks.settings import Function
from tasks.values import Outcome

READY_SECONDS = 600


def ensure_reserved(aws_lambda: Any, name: str, reserved: int) -> Outcome:
    found = aws_lambda.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    if found == reserved:
        return "adopted"
    aws_lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    return "created" if found is None else "updated"


def ensure_provisioned(aws_lambda: Any, name: str, version: str, function: Function) -> Outcome:
    """`provisioned_concurrency` environments of the version, READY: initialised and waiting."""
    found = provisioned_of(aws_lambda, name, version)
    wanted = function.provisioned_concurrency
    if (found["RequestedProvisionedConcurrentExecutions"] if found else 0) == wanted:
        outcome: Outcome = "adopted"
    elif wanted:
        make_room(aws_lambda, name, version, function)
        aws_lambda.put_provisioned_concurrency_config(FunctionName=name, Qualifier=version, ProvisionedConcurrentExecutions=wanted)
        outcome = "updated" if found else "created"
    else:
        aws_lambda.delete_provisioned_concurrency_config(FunctionName=name, Qualifier=version)
        outcome = "updated"
    if wanted:
        wait_until_ready(aws_lambda, name, version)
    return outcome


def make_room(aws_lambda: Any, name: str, version: str, function: Function) -> None:
    """Take provisioned concurrency from older versions where the reserved concurrency cannot hold both.

    The alias keeps answering from the old version, with cold starts, until it is moved.
    """
    pages = aws_lambda.get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=name)
    others = [
        config for page in pages for config in page["ProvisionedConcurrencyConfigs"] if not config["FunctionArn"].endswith(f":{version}")
    ]
    held = sum(config["RequestedProvisionedConcurrentExecutions"] for config in others)
    if held + function.provisioned_concurrency > function.reserved_concurrency:
        for config in others:
            aws_lambda.delete_provisioned_concurrency_config(FunctionName=name, Qualifier=config["FunctionArn"].rsplit(":", 1)[-1])


def provisioned_of(aws_lambda: Any, name: str, version: str) -> dict[str, Any] | None:
    try:
        return dict(aws_lambda.get_provisioned_concurrency_config(FunctionName=name, Qualifier=version))
    except aws_lambda.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return None


def wait_until_ready(aws_lambda: Any, name: str, version: str) -> None:
    ready = wait_until(
        lambda: provisioned_of(aws_lambda, name, version) or {"Status": "IN_PROGRESS"},
        lambda found: found["Status"] != "IN_PROGRESS",
        step="function",
        resource=f"{name}:{version}",
        seconds=READY_SECONDS,
    )
    if ready["Status"] == "FAILED":
        raise DeploymentFailed("function", f"{name}:{version}", ready.get("StatusReason", "provisioning failed"), "see the function's log")

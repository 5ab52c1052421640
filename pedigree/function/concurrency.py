"""Reserved concurrency of the function, provisioned concurrency of the version (an alias with weights cannot carry it)."""

from functools import partial
from typing import Any

from pedigree.aws.clients import LambdaClient
from pedigree.aws.errors import DeploymentFailed
from pedigree.aws.resources.kind import gone_is_fine
from pedigree.aws.waiting import wait_until
from pedigree.settings import Function
from pedigree.values import Outcome

READY_SECONDS = 600


def ensure_concurrency(aws_lambda: LambdaClient, name: str, version: str, function: Function) -> list[Outcome]:
    """Both, in the order that AWS allows: the reserved concurrency never falls below what is provisioned."""
    reserve = partial(ensure_reserved, aws_lambda, name, function.reserved_concurrency)
    provision = partial(ensure_provisioned, aws_lambda, name, version, function)
    found = reserved_of(aws_lambda, name)
    grows = found is None or found <= function.reserved_concurrency
    return [step() for step in ((reserve, provision) if grows else (provision, reserve))]


def ensure_reserved(aws_lambda: LambdaClient, name: str, reserved: int) -> Outcome:
    found = reserved_of(aws_lambda, name)
    if found == reserved:
        return "adopted"
    aws_lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    return "created" if found is None else "updated"


def reserved_of(aws_lambda: LambdaClient, name: str) -> int | None:
    found: int | None = aws_lambda.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return found


def ensure_provisioned(aws_lambda: LambdaClient, name: str, version: str, function: Function) -> Outcome:
    """As many environments of the version as are wanted, READY: initialised and waiting."""
    found = provisioned_of(aws_lambda, name, version)
    wanted = environments_wanted(aws_lambda, name, version, function)
    failed = found is not None and found["Status"] == "FAILED"  # for want of capacity, perhaps: asking again tries again
    if (found["RequestedProvisionedConcurrentExecutions"] if found else 0) == wanted and not failed:
        outcome: Outcome = "adopted"
    elif wanted:
        make_room(aws_lambda, name, version, wanted, function.reserved_concurrency)
        aws_lambda.put_provisioned_concurrency_config(FunctionName=name, Qualifier=version, ProvisionedConcurrentExecutions=wanted)
        outcome = "updated" if found else "created"
    else:
        release(aws_lambda, name, version)
        outcome = "updated"
    if wanted:
        wait_until_ready(aws_lambda, name, version)
    return outcome


def environments_wanted(aws_lambda: LambdaClient, name: str, version: str, function: Function) -> int:
    """Where autoscaling decides, as many as it has brought this version to, or the one before: a redeploy must not undo it."""
    if not function.scales_provisioned:
        return function.provisioned_concurrency
    here = provisioned_of(aws_lambda, name, version)
    configs = [here] if here else provisioned_elsewhere(aws_lambda, name, version)
    found = max((config["RequestedProvisionedConcurrentExecutions"] for config in configs), default=0)
    return min(max(found, function.provisioned_range[0]), function.provisioned_range[1])


def make_room(aws_lambda: LambdaClient, name: str, version: str, wanted: int, reserved: int) -> None:
    """Take provisioned concurrency from older versions where the reserved concurrency cannot hold both.

    The alias keeps answering from the old version, with cold starts, until it is moved.
    """
    held = sum(config["RequestedProvisionedConcurrentExecutions"] for config in provisioned_elsewhere(aws_lambda, name, version))
    if held + wanted > reserved:
        release_others(aws_lambda, name, version)


def release_others(aws_lambda: LambdaClient, name: str, version: str | None) -> None:
    """Take provisioned concurrency from every version but this one, from all for None: it is paid for whether it is asked or not."""
    for config in provisioned_elsewhere(aws_lambda, name, version):
        release(aws_lambda, name, config["FunctionArn"].rsplit(":", 1)[-1])


def release(aws_lambda: LambdaClient, name: str, version: str) -> None:
    with gone_is_fine():
        aws_lambda.delete_provisioned_concurrency_config(FunctionName=name, Qualifier=version)


def provisioned_elsewhere(aws_lambda: LambdaClient, name: str, version: str | None) -> list[dict[str, Any]]:
    pages = aws_lambda.get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=name)
    return [
        dict(config)
        for page in pages
        for config in page["ProvisionedConcurrencyConfigs"]
        if not config["FunctionArn"].endswith(f":{version}")
    ]


def provisioned_of(aws_lambda: LambdaClient, name: str, version: str) -> dict[str, Any] | None:
    try:
        return dict(aws_lambda.get_provisioned_concurrency_config(FunctionName=name, Qualifier=version))
    except aws_lambda.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return None


def wait_until_ready(aws_lambda: LambdaClient, name: str, version: str) -> None:
    ready = wait_until(
        lambda: provisioned_of(aws_lambda, name, version) or {"Status": "IN_PROGRESS"},
        lambda found: found["Status"] != "IN_PROGRESS",
        step="function",
        resource=f"{name}:{version}",
        seconds=READY_SECONDS,
    )
    if ready["Status"] == "FAILED":
        raise DeploymentFailed("function", f"{name}:{version}", ready.get("StatusReason", "provisioning failed"), "see the function's log")

"""Create or update the bootstrap stack (bootstrap.yaml) through CloudFormation, on AWS and on the embedded one alike."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

TEMPLATE = Path(__file__).with_name("bootstrap.yaml")
DEAD = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})  # can only be deleted
STEADY = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class BootstrapFailed(Exception):
    """The bootstrap stack did not become what the template says; the message quotes what CloudFormation gave as reasons."""


def deploy_bootstrap(cloudformation: Any, project: str, *, template: Path = TEMPLATE, poll_seconds: float = 2.0) -> dict[str, str]:
    """Outputs of the stack named after the project, once it equals the template.

    `cloudformation` is a boto3 client. Raises BootstrapFailed when CloudFormation rolls back.
    """
    if stack_status(cloudformation, project) in DEAD:
        cloudformation.delete_stack(StackName=project)
        await_steady(cloudformation, project, poll_seconds)
    request = {
        "StackName": project,
        "TemplateBody": template.read_text(),
        "Parameters": [{"ParameterKey": "Project", "ParameterValue": project}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "pedigree:project", "Value": project}],
    }
    if stack_status(cloudformation, project) is None:
        cloudformation.create_stack(**request)
    else:
        update(cloudformation, request)
    status = await_steady(cloudformation, project, poll_seconds)
    if status not in STEADY:
        raise BootstrapFailed(failure(project, status, failed_events(cloudformation, project)))
    return outputs(cloudformation.describe_stacks(StackName=project)["Stacks"][0])


def update(cloudformation: Any, request: Mapping[str, Any]) -> None:
    try:
        cloudformation.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" not in error.response["Error"]["Message"]:
            raise


def await_steady(cloudformation: Any, project: str, poll_seconds: float) -> str | None:
    """The status the stack comes to rest in; None when it is gone."""
    while (status := stack_status(cloudformation, project)) and status.endswith("_IN_PROGRESS"):
        time.sleep(poll_seconds)
    return status


def stack_status(cloudformation: Any, project: str) -> str | None:
    try:
        found = cloudformation.describe_stacks(StackName=project)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return str(found[0]["StackStatus"])


def failed_events(cloudformation: Any, project: str) -> list[str]:
    """`resource: reason` of each failure, the first one first."""
    events = reversed(cloudformation.describe_stack_events(StackName=project)["StackEvents"])
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed]


def failure(project: str, status: str | None, reasons: list[str]) -> str:
    lines = "".join(f"\n  {reason}" for reason in reasons) or "\n  CloudFormation gave no reason"
    return f"The CloudFormation stack {project} ended {status or 'deleted'}:{lines}\nCorrect the cause and run the same command again."


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

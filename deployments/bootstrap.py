"""Create or update the bootstrap stack (bootstrap.yaml) through CloudFormation, on AWS and on the embedded AWS alike.

python -m deployments.bootstrap --profile my-profile --region us-east-1 --project pedigree
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from deployments.access import Access, Caller, NoAccess, identify, open_access
from deployments.bootstrap_advice import advice, next_steps
from pedigree.aws.clients import CloudFormationClient
from pedigree.settings import Environment
from pedigree.settings.refusal import told

TEMPLATE = Path(__file__).with_name("bootstrap.yaml")
DEAD = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})  # a stack in these states can only be deleted
STEADY = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class BootstrapFailed(Exception):
    """The bootstrap stack does not equal the template; the message quotes CloudFormation's reasons."""


def main() -> int:
    options = parse_options()
    try:
        require_name(options.project)
        access = open_access(options.profile, options.region)
        caller = identify(access)
        print(f"Deploying the CloudFormation stack {options.project} as {caller.arn} in account {caller.account}, {access.region}.")
        made = deploy_with_events(access, caller, options.project)
    except (NoAccess, BootstrapFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print("\nThe stack equals deployments/bootstrap.yaml. Its outputs:")
    for name, value in sorted(made.items()):
        print(f"  {name:20} {value}")
    print(next_steps(access, options.project, made["OrchestratorRoleArn"]))
    return 0


def deploy_with_events(access: Access, caller: Caller, project: str) -> dict[str, str]:
    """Deploy the bootstrap stack and print every event of the stack; BootstrapFailed says what to do."""
    cloudformation = access.client("cloudformation")
    try:
        events = Events(cloudformation, project)
        return deploy_bootstrap(cloudformation, project, each=lambda: print("".join(events.news()), end="", flush=True))
    except (BootstrapFailed, BotoCoreError, ClientError) as error:
        raise BootstrapFailed(f"{error}\n{advice(str(error), access, caller, project)}") from error


def deploy_bootstrap(
    cloudformation: CloudFormationClient,
    project: str,
    *,
    template: Path = TEMPLATE,
    poll_seconds: float = 2.0,
    each: Callable[[], None] = lambda: None,
) -> dict[str, str]:
    """Deploy the stack named after the project; return its outputs once it equals the template.

    `cloudformation` is a boto3 client; `each` is called every time the stack is described. Raises BootstrapFailed when CloudFormation
    rolls back, or when a stack of this name was not made from this template.
    """
    stack = find_stack(cloudformation, project)
    if stack:
        require_ours(stack, project)
    if stack and stack["StackStatus"] in DEAD:
        cloudformation.delete_stack(StackName=project)
        stack = await_steady(cloudformation, project, poll_seconds, each)
    request: dict[str, Any] = {
        "StackName": project,
        "TemplateBody": template.read_text(),
        "Parameters": [{"ParameterKey": "Project", "ParameterValue": project}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "pedigree:project", "Value": project}],
    }
    if stack is None:
        cloudformation.create_stack(**request)
    else:
        update(cloudformation, request)
    stack = await_steady(cloudformation, project, poll_seconds, each)
    if stack is None or stack["StackStatus"] not in STEADY:
        raise BootstrapFailed(failure(project, stack, failed_events(cloudformation, project)))
    return outputs(stack)


def update(cloudformation: CloudFormationClient, request: Mapping[str, Any]) -> None:
    try:
        cloudformation.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" not in error.response["Error"]["Message"]:
            raise


def await_steady(
    cloudformation: CloudFormationClient, project: str, poll_seconds: float, each: Callable[[], None]
) -> dict[str, Any] | None:
    """Wait until no operation of the stack is in progress; return the stack, None when it is gone."""
    while (stack := find_stack(cloudformation, project)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        each()
        time.sleep(poll_seconds)
    each()
    return stack


def find_stack(cloudformation: CloudFormationClient, project: str) -> dict[str, Any] | None:
    try:
        return dict(cloudformation.describe_stacks(StackName=project)["Stacks"][0])
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def require_ours(stack: Mapping[str, Any], project: str) -> None:
    """Raise BootstrapFailed for a stack of this name that was not made from this template: it must not be overwritten."""
    if {"ParameterKey": "Project", "ParameterValue": project} not in stack.get("Parameters", []):
        raise BootstrapFailed(f"The CloudFormation stack {project} was not made by this project. Choose another name: PROJECT=my-project")


def require_name(project: str) -> None:
    """Raise BootstrapFailed for a project name that the template does not accept."""
    try:
        Environment(project=project)
    except ValidationError as error:
        raise BootstrapFailed(f"{told(error)}. Choose another name: PROJECT=my-project") from error


class Events:
    """The events of a stack from now on; each event is returned once."""

    def __init__(self, cloudformation: CloudFormationClient, project: str) -> None:
        self._cloudformation, self._project = cloudformation, project
        self._seen = {event["EventId"] for event in self._latest()}

    def news(self) -> list[str]:
        new = [event for event in reversed(self._latest()) if event["EventId"] not in self._seen]
        self._seen.update(event["EventId"] for event in new)
        return [f"  {event['ResourceStatus']:20} {reason_of(event)}\n" for event in new]

    def _latest(self) -> Sequence[Mapping[str, Any]]:
        """The newest event first; an empty list when there is no stack."""
        try:
            return self._cloudformation.describe_stack_events(StackName=self._project)["StackEvents"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return []
            raise


def failed_events(cloudformation: CloudFormationClient, project: str) -> list[str]:
    """`resource: reason` of each failure since the last creation or update began, the first one first."""
    newest_first = cloudformation.describe_stack_events(StackName=project)["StackEvents"]
    recent = takewhile(lambda event: (event["LogicalResourceId"], event["ResourceStatus"]) not in beginnings(project), newest_first)
    return [reason_of(event) for event in reversed([*recent]) if event["ResourceStatus"].endswith("_FAILED")]


def beginnings(project: str) -> set[tuple[str, str]]:
    return {(project, "CREATE_IN_PROGRESS"), (project, "UPDATE_IN_PROGRESS")}


def reason_of(event: Mapping[str, Any]) -> str:
    reason = event.get("ResourceStatusReason")
    return f"{event['LogicalResourceId']}: {reason}" if reason else str(event["LogicalResourceId"])


def failure(project: str, stack: Mapping[str, Any] | None, reasons: list[str]) -> str:
    lines = "".join(f"\n  {reason}" for reason in reasons) or "\n  CloudFormation gave no reason"
    status = stack["StackStatus"] if stack else "deleted"
    return f"The CloudFormation stack {project} ended {status}:{lines}\nCorrect the cause and run the same command again."


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.bootstrap", description="Deploy the bootstrap stack of pedigree.")
    parser.add_argument("--profile", default="", help="profile of the AWS configuration that may create roles")
    parser.add_argument("--region", default="", help="AWS region; empty for the region of the profile")
    parser.add_argument("--project", default="pedigree", help="prefix of every resource name, and the name of the stack")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

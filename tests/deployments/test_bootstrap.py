"""deploy_bootstrap makes the stack equal to its template, whatever state it is in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from deployments.bootstrap import BootstrapFailed, deploy_bootstrap

NAME = {"StackName": "pedigree"}
PARAMETERS = [{"ParameterKey": "Project", "ParameterValue": "pedigree"}]
OUTPUTS = [{"OutputKey": "BucketName", "OutputValue": "bucket"}]


class CloudFormation:
    """A client that answers the expected calls, in this order, and nothing else."""

    def __init__(self) -> None:
        self.client = boto3.client("cloudformation", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        self.stub = Stubber(self.client)

    def has_status(self, status: str) -> None:
        stack = {"StackName": "pedigree", "CreationTime": "2026-01-01", "StackStatus": status, "Outputs": OUTPUTS, "Parameters": PARAMETERS}
        self.stub.add_response("describe_stacks", {"Stacks": [stack]}, NAME)

    def has_no_stack(self) -> None:
        self.stub.add_client_error("describe_stacks", "ValidationError", "Stack with id pedigree does not exist", expected_params=NAME)

    def has_failed(self, *newest_first: str) -> None:
        """Each is `resource: reason`; the stack's own is the begin of an update."""
        events = []
        for text in newest_first:
            resource, _, reason = text.partition(": ")
            status = "UPDATE_IN_PROGRESS" if resource == "pedigree" else "CREATE_FAILED"
            basics = {"StackId": "arn", "EventId": text, "StackName": "pedigree", "Timestamp": "2026-01-01"}
            events.append(basics | {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason})
        self.stub.add_response("describe_stack_events", {"StackEvents": events}, NAME)

    def expects(self, operation: str, template: Path) -> None:
        self.stub.add_response(operation, {"StackId": "arn"}, request(template))


def request(template: Path) -> dict[str, Any]:
    return {
        **NAME,
        "TemplateBody": template.read_text(),
        "Parameters": PARAMETERS,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "pedigree:project", "Value": "pedigree"}],
    }


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {}")
    return file


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    fake = CloudFormation()
    with fake.stub:
        yield fake
        fake.stub.assert_no_pending_responses()


def deploy(cloudformation: CloudFormation, template: Path) -> dict[str, str]:
    return deploy_bootstrap(cloudformation.client, "pedigree", template=template, poll_seconds=0)


def test_an_absent_stack_is_created_and_awaited(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_no_stack()
    cloudformation.expects("create_stack", template)
    cloudformation.has_status("CREATE_IN_PROGRESS")
    cloudformation.has_status("CREATE_COMPLETE")
    assert deploy(cloudformation, template) == {"BucketName": "bucket"}


def test_a_stack_that_exists_is_updated(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_status("CREATE_COMPLETE")
    cloudformation.expects("update_stack", template)
    cloudformation.has_status("UPDATE_IN_PROGRESS")
    cloudformation.has_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    cloudformation.has_status("UPDATE_COMPLETE")
    assert deploy(cloudformation, template) == {"BucketName": "bucket"}


def test_no_updates_to_perform_is_success(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_status("CREATE_COMPLETE")
    cloudformation.stub.add_client_error("update_stack", "ValidationError", "No updates are to be performed.")
    cloudformation.has_status("CREATE_COMPLETE")
    assert deploy(cloudformation, template) == {"BucketName": "bucket"}


def test_any_other_refusal_is_raised(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_status("CREATE_COMPLETE")
    cloudformation.stub.add_client_error("update_stack", "ValidationError", "Template format error")
    with pytest.raises(ClientError, match="Template format error"):
        deploy(cloudformation, template)


def test_a_stack_that_was_rolled_back_is_deleted_first(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_status("ROLLBACK_COMPLETE")
    cloudformation.stub.add_response("delete_stack", {}, NAME)
    cloudformation.has_status("DELETE_IN_PROGRESS")
    cloudformation.has_no_stack()
    cloudformation.expects("create_stack", template)
    cloudformation.has_status("CREATE_COMPLETE")
    assert deploy(cloudformation, template) == {"BucketName": "bucket"}


def test_a_failure_quotes_the_events_the_first_one_first(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_no_stack()
    cloudformation.expects("create_stack", template)
    cloudformation.has_status("ROLLBACK_COMPLETE")
    cloudformation.has_failed("Bucket: Resource creation cancelled", "Role: Role pedigree-training already exists")
    with pytest.raises(BootstrapFailed, match=r"(?s)ROLLBACK_COMPLETE.*Role: Role pedigree-training.*Bucket: Resource creation"):
        deploy(cloudformation, template)


def test_a_failure_does_not_quote_those_of_earlier_updates(cloudformation: CloudFormation, template: Path) -> None:
    cloudformation.has_status("UPDATE_ROLLBACK_COMPLETE")
    cloudformation.expects("update_stack", template)
    cloudformation.has_status("UPDATE_ROLLBACK_COMPLETE")
    cloudformation.has_failed("Topic: no", "pedigree: User Initiated", "Role: the earlier one")
    with pytest.raises(BootstrapFailed) as raised:
        deploy(cloudformation, template)
    assert "Topic: no" in str(raised.value)
    assert "the earlier one" not in str(raised.value)


def test_a_stack_of_somebody_else_is_neither_updated_nor_deleted(cloudformation: CloudFormation, template: Path) -> None:
    stack = {"StackName": "pedigree", "CreationTime": "2026-01-01", "StackStatus": "ROLLBACK_COMPLETE"}
    cloudformation.stub.add_response("describe_stacks", {"Stacks": [stack]}, NAME)
    with pytest.raises(BootstrapFailed, match="Choose another name: PROJECT="):
        deploy(cloudformation, template)

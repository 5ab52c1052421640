"""The resource types that a stack really makes here, with the properties that take effect; a template with any other is refused.

moto skips an unknown type or property with a warning, and makes records of endpoints and functions that no process serves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudformation.models import Stack

from local_aws.call import AwsError

PROPERTIES = {
    "AWS::CloudWatch::Dashboard": "DashboardBody DashboardName",
    "AWS::ECR::Repository": "RepositoryName Tags",
    "AWS::IAM::InstanceProfile": "InstanceProfileName Path Roles",
    "AWS::IAM::ManagedPolicy": "Description Groups ManagedPolicyName Path PolicyDocument Roles Users",
    "AWS::IAM::Policy": "Groups PolicyDocument PolicyName Roles Users",
    "AWS::IAM::Role": """
        AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies RoleName Tags""",
    "AWS::Logs::LogGroup": "LogGroupName RetentionInDays Tags",
    "AWS::S3::Bucket": """
        BucketEncryption BucketName LifecycleConfiguration PublicAccessBlockConfiguration Tags VersioningConfiguration""",
    "AWS::S3::BucketPolicy": "Bucket PolicyDocument",
    "AWS::SNS::Topic": "Subscription TopicName",
    "AWS::SQS::Queue": "DelaySeconds MessageRetentionPeriod QueueName ReceiveMessageWaitTimeSeconds Tags VisibilityTimeout",
    "AWS::SSM::Parameter": "Description Name Tags Type Value",
}


def check_types(template: str) -> None:
    """Raise the ValidationError of a template with a resource type or property that nothing here makes."""
    resources: Mapping[str, Any] = Stack.parse_template(template).get("Resources", {})
    unknown = sorted({resource["Type"] for resource in resources.values()} - PROPERTIES.keys())
    if unknown:
        hint = f"local_aws makes {', '.join(PROPERTIES)}, and refuses what it does not make"
        raise AwsError("ValidationError", f"Template format error: Unrecognized resource types: [{', '.join(unknown)}] ({hint}).")
    if ignored := sorted(ignored_properties(resources)):
        raise AwsError("ValidationError", f"Template format error: local_aws does not act on {', '.join(ignored)}, and refuses it.")


def ignored_properties(resources: Mapping[str, Any]) -> Iterator[str]:
    for name, resource in resources.items():
        kept = PROPERTIES[resource["Type"]].split()
        yield from (f"property {each} of {name} ({resource['Type']})" for each in resource.get("Properties", {}) if each not in kept)

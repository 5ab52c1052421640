"""The policies of resources: a document that nobody can read would let no call about its resource be decided."""

import json
from typing import Any

from local_aws.call import AwsError, Call
from local_aws.rules import rule


@rule(
    "IAM CreateRole, UpdateAssumeRolePolicy",
    "The trust policy of a role is a JSON document with statements, else MalformedPolicyDocument.",
    "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
)
def trust_policy(call: Call) -> None:
    document = call.parameters.get("AssumeRolePolicyDocument") or call.parameters.get("PolicyDocument")
    if reason := unreadable(document):
        raise AwsError("MalformedPolicyDocument", f"This policy contains invalid Json: {reason}", status=400)


@rule(
    "S3 PutBucketPolicy",
    "The policy of a bucket is a JSON document with statements, else MalformedPolicy.",
    "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
)
def bucket_policy(call: Call) -> None:
    if reason := unreadable(call.parameters["Policy"]):
        raise AwsError("MalformedPolicy", f"Policies must be valid JSON and the first byte must be '{{': {reason}", status=400)


def unreadable(document: Any) -> str:
    """The reason why a policy cannot be read; empty when it can."""
    try:
        policy = json.loads(document)
    except (ValueError, TypeError) as error:
        return str(error)
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    if not all(isinstance(statement, dict) and is_statement(statement) for statement in listed):
        return "each Statement has an Effect, a Principal and an Action."
    return ""


def is_statement(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    actions = statement.get("Action", statement.get("NotAction"))
    return (
        statement.get("Effect") in ("Allow", "Deny")
        and (principal == "*" or (isinstance(principal, dict) and all(map(is_texts, principal.values()))))
        and is_texts(actions)
        and is_texts(statement.get("Resource", "*"))
        and isinstance(statement.get("Condition", {}), dict)
    )


def is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))

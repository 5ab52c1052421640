"""BlockPublicPolicy of a bucket: PutBucketPolicy refuses a policy that lets everybody in.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError
from local_aws.iam.conditions import as_list

# a statement is not public when one of these keys must have a fixed value
FIXING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
EXACT = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"})
WIDEST = 8  # an IPv4 network with a shorter prefix is public


def refuse_public_policy(bucket: Any, document: str, caller: str) -> None:
    """Raise AccessDenied for a public policy on a bucket of moto that blocks them; `caller` is the ARN of who asks."""
    block = bucket and bucket.public_access_block
    if block and str(block.block_public_policy).lower() == "true" and is_public(document):
        message = (
            f'User: {caller} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::{bucket.name}" '
            "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        )
        raise AwsError("AccessDenied", message, status=403)


def is_public(document: str) -> bool:
    """Whether a bucket policy allows something to everybody; a document that is no policy is not public, it is malformed."""
    try:
        statements = json.loads(document).get("Statement", [])
    except (ValueError, AttributeError):
        return False
    return any(lets_everybody_in(statement) for statement in (statements if isinstance(statements, list) else [statements]))


def lets_everybody_in(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal", {})
    named = as_list(principal.get("AWS", [])) if isinstance(principal, dict) else as_list(principal)
    if "NotPrincipal" not in statement and "*" not in named:
        return False
    conditions = [(name, key, as_list(values)) for name, keys in statement.get("Condition", {}).items() for key, values in keys.items()]
    return not any(is_fixed(name.removesuffix("IfExists"), key.lower(), values) for name, key, values in conditions)


def is_fixed(operator: str, key: str, values: list[str]) -> bool:
    """Whether a condition lets in only callers that its values name."""
    if operator == "IpAddress" and key == "aws:sourceip":
        return all(is_narrow(network) for network in values)
    return operator in EXACT and key in FIXING and not any("*" in value or "${" in value for value in values)


def is_narrow(network: str) -> bool:
    try:
        return ipaddress.ip_network(network, strict=False).prefixlen >= WIDEST
    except ValueError:
        return False

"""The condition keys of a request."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from local_aws.call import Call
from local_aws.cloud import Cloud
from local_aws.iam.principals import Identity

PARAMETERS = {  # condition key <- parameter of the call, when the call has it
    ("s3", "Prefix"): "s3:prefix",
    ("s3", "Delimiter"): "s3:delimiter",
    ("s3", "MaxKeys"): "s3:max-keys",
    ("s3", "ACL"): "s3:x-amz-acl",
    ("s3", "ServerSideEncryption"): "s3:x-amz-server-side-encryption",
    ("cloudwatch", "Namespace"): "cloudwatch:namespace",
    ("iam", "AWSServiceName"): "iam:awsservicename",
    ("lambda", "AuthType"): "lambda:functionurlauthtype",
    ("lambda", "FunctionUrlAuthType"): "lambda:functionurlauthtype",
    ("sts", "ExternalId"): "sts:externalid",
    ("sts", "RoleSessionName"): "sts:rolesessionname",
}


def call_context(cloud: Cloud, identity: Identity, call: Call) -> dict[str, list[str]]:
    """The condition keys of a call in lower case, as `local_aws.iam.conditions` expects them."""
    return {
        **common_context(cloud),
        **identity_context(identity),
        **tag_context(call.parameters.get("Tags", call.parameters.get("tags"))),
        **parameter_context(call),
    }


def parameter_context(call: Call) -> dict[str, list[str]]:
    given = [(key, call.parameters.get(name)) for (service, name), key in PARAMETERS.items() if service == call.service]
    transitive = {"sts:transitivetagkeys": keys} if (keys := call.parameters.get("TransitiveTagKeys")) else {}
    return {key: [str(value)] for key, value in given if value is not None} | transitive


def common_context(cloud: Cloud) -> dict[str, list[str]]:
    now = datetime.now(UTC)
    return {
        "aws:currenttime": [now.strftime("%Y-%m-%dT%H:%M:%SZ")],
        "aws:epochtime": [str(int(time.time()))],
        "aws:requestedregion": [cloud.region],
        "aws:resourceaccount": [cloud.account],
        "aws:securetransport": ["true"],  # no request leaves this machine
        "aws:sourceip": ["127.0.0.1"],
        "aws:viaawsservice": ["false"],
    }


def identity_context(identity: Identity) -> dict[str, list[str]]:
    account = identity.principal.arn.split(":")[4]
    return {
        "aws:principalarn": [identity.principal.arn],
        "aws:principalaccount": [account],
        "aws:principaltype": [identity.kind],
        "aws:principalisawsservice": ["false"],
        "aws:userid": [identity.user_id],
        **({"aws:username": [identity.user_name]} if identity.user_name else {}),
        **{f"aws:principaltag/{key.lower()}": [value] for key, value in identity.tags.items()},
    }


def service_context(cloud: Cloud) -> dict[str, list[str]]:
    """The condition keys for an AWS service that assumes a role of this account."""
    return common_context(cloud) | {"aws:principalisawsservice": ["true"], "aws:sourceaccount": [cloud.account]}


def tag_context(tags: Any) -> dict[str, list[str]]:
    pairs = dict(tag_pairs(tags))
    if not pairs:
        return {}
    return {"aws:tagkeys": list(pairs), **{f"aws:requesttag/{key.lower()}": [value] for key, value in pairs.items()}}


def tag_pairs(tags: Any) -> Iterable[tuple[str, str]]:
    """Tags as pairs; services write them as a map or as a list."""
    if isinstance(tags, dict):
        return [(str(key), str(value)) for key, value in tags.items()]
    listed = tags if isinstance(tags, list) else []
    return [(str(tag.get("Key", tag.get("key"))), str(tag.get("Value", tag.get("value", "")))) for tag in listed if isinstance(tag, dict)]

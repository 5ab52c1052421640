"""Resource policies, which name principals: trust policies of roles, policies of buckets and functions."""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from local_aws.iam.conditions import as_list
from local_aws.iam.evaluator import Decision, Policy, Request, Statement, evaluate


class Grant(Enum):
    """The decision of a resource policy; `DELEGATED` means that it names the account, so the identity's policies decide."""

    DENIED = "denied"
    GRANTED = "granted"
    DELEGATED = "delegated"
    NOTHING = "nothing"


def evaluate_resource_policy(policy: Policy, request: Request, arns: Collection[str], account: str, service: str = "") -> Grant:
    """Evaluate the policy for an identity with these ARNs in the account, or for an AWS service."""
    direct = [
        s for s in policy.statements if names(s, {"AWS": {*arns, "*"} if arns else set(), "Service": {service, "*"} if service else set()})
    ]
    by_account = [s for s in policy.statements if arns and names(s, {"AWS": {account, f"arn:aws:iam::{account}:root"}})]
    first = evaluate([Policy(tuple(direct), policy.has_variables)], request)
    second = evaluate([Policy(tuple(by_account), policy.has_variables)], request)
    if Decision.EXPLICIT_DENY in (first, second):
        return Grant.DENIED
    if first is Decision.ALLOWED:
        return Grant.GRANTED
    return Grant.DELEGATED if second is Decision.ALLOWED else Grant.NOTHING


def names(statement: Statement, wanted: Mapping[str, Collection[str]]) -> bool:
    """Whether the statement's Principal names one of `wanted`; a NotPrincipal names everybody else."""
    if "NotPrincipal" in statement:
        return not listed(statement["NotPrincipal"], wanted)
    return listed(statement.get("Principal", {}), wanted)


def listed(principals: Any, wanted: Mapping[str, Collection[str]]) -> bool:
    by_kind = {"AWS": principals, "Service": principals} if principals == "*" else principals
    return any(set(as_list(by_kind[kind])) & set(values) for kind, values in wanted.items() if kind in by_kind)

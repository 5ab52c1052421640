"""IAM's decision as a pure function of policies and a request: explicit deny, else allow, else implicit deny."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from local_aws.iam.conditions import as_list, conditions_hold
from local_aws.iam.patterns import Context, UnknownError, matches

Statement = Mapping[str, Any]
VARIABLES_SINCE = "2012-10-17"  # in a policy of an older version a variable is plain text


class Decision(Enum):
    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


@dataclass(frozen=True)
class Request:
    """One action on one resource; `context` holds the condition keys in lower case."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    statements: tuple[Statement, ...]
    has_variables: bool = True


@lru_cache(maxsize=1024)
def parse_policy(document: str) -> Policy:
    """Parse a policy document from JSON."""
    content = json.loads(document)
    statements = content.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return Policy(tuple(listed), content.get("Version") == VARIABLES_SINCE)


def evaluate(policies: Iterable[Policy], request: Request) -> Decision:
    """The decision of all policies together."""
    effects = {statement["Effect"] for policy in policies for statement in policy.statements if applies(statement, policy, request)}
    if "Deny" in effects:
        return Decision.EXPLICIT_DENY
    return Decision.ALLOWED if "Allow" in effects else Decision.IMPLICIT_DENY


def applies(statement: Statement, policy: Policy, request: Request) -> bool:
    """Whether a statement applies to a request; an undecidable Deny applies, an undecidable Allow does not."""
    context = request.context if policy.has_variables else None
    try:
        return (
            element_matches(statement, "Action", request.action, None, ignore_case=True)
            and element_matches(statement, "Resource", request.resource, context)
            and conditions_hold(statement.get("Condition", {}), request.context)
        )
    except UnknownError:
        return bool(statement["Effect"] == "Deny")


def element_matches(statement: Statement, name: str, value: str, context: Context | None, *, ignore_case: bool = False) -> bool:
    """Whether `Action` or `NotAction`, `Resource` or `NotResource` matches; a trust policy has no resource."""
    if name in statement:
        return any(matches(pattern, value, context, ignore_case=ignore_case) for pattern in as_list(statement[name]))
    if f"Not{name}" in statement:
        return not any(matches(pattern, value, context, ignore_case=ignore_case) for pattern in as_list(statement[f"Not{name}"]))
    return name == "Resource"

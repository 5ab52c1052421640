"""The identity behind an access key, with every policy that applies to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local_aws.call import Principal
from local_aws.cloud import ROOT_KEY_ID, Cloud
from local_aws.iam.evaluator import Policy, parse_policy


@dataclass(frozen=True)
class Identity:
    """A caller with its policies; all policies in `limits` must allow too, under the names of AWS's messages."""

    principal: Principal
    kind: str  # the value of aws:PrincipalType
    policies: tuple[Policy, ...] = ()
    limits: dict[str, Policy] = field(default_factory=dict)
    user_name: str = ""
    user_id: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_root(self) -> bool:
        return self.kind == "Account"

    @property
    def arns(self) -> frozenset[str]:
        """The ARNs by which a resource policy may name this identity."""
        return frozenset({self.principal.arn, self.principal.session_arn} - {""})


class Identities:
    """Finds identities in moto's records."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._sessions: dict[str, Any] = {}

    def find(self, access_key_id: str) -> Identity | None:
        """The identity of an access key; None for an unknown key."""
        if access_key_id == ROOT_KEY_ID:
            principal = Principal(f"arn:aws:iam::{self._cloud.account}:root", access_key_id)
            return Identity(principal, "Account", user_id=self._cloud.account)
        if session := self._session(access_key_id):
            return self._of_session(session)
        users = self._cloud.books("iam").users.values()
        user = next((user for user in users if any(key.access_key_id == access_key_id for key in user.access_keys)), None)
        return user and self._of_user(user, access_key_id)

    def _session(self, access_key_id: str) -> Any:
        if access_key_id not in self._sessions:
            self._sessions = {session.access_key_id: session for session in self._cloud.books("sts").assumed_roles}
        return self._sessions.get(access_key_id)

    def _of_session(self, session: Any) -> Identity:
        principal = Principal(session.role_arn, session.access_key_id, session.arn)
        role = find_role(self._cloud, session.role_arn)
        limits = boundary_of(self._cloud, role)
        if session.policy:
            limits["session policy"] = parse_policy(session.policy)
        return Identity(
            principal,
            "AssumedRole",
            policies_of(role),
            limits,
            user_id=session.user_id,
            tags={tag["Key"]: tag["Value"] for tag in (role.tags or {}).values()} if role else {},
        )

    def _of_user(self, user: Any, access_key_id: str) -> Identity:
        groups = [group for group in self._cloud.books("iam").groups.values() if user in group.users]
        policies = tuple(policy for owner in (user, *groups) for policy in policies_of(owner))
        return Identity(Principal(user.arn, access_key_id), "User", policies, boundary_of(self._cloud, user), user.name, user.id)


def find_role(cloud: Cloud, role_arn: str) -> Any:
    """moto's record of a role; None when there is no such role."""
    return next((role for role in cloud.books("iam").roles.values() if role.arn == role_arn), None)


def boundary_of(cloud: Cloud, owner: Any) -> dict[str, Policy]:
    """The permissions boundary of a role or user, under the name of AWS's messages; empty when there is none."""
    arn = getattr(owner, "permissions_boundary_arn", None)
    if not arn:
        return {}
    policy = cloud.books("iam").managed_policies.get(arn)
    # a deleted boundary allows nothing
    return {"permissions boundary": default_version(policy) if policy else Policy(())}


def policies_of(owner: Any) -> tuple[Policy, ...]:
    """Inline and managed policies of a role, user or group; empty when the owner does not exist."""
    if owner is None:
        return ()
    return (*map(as_policy, owner.policies.values()), *map(default_version, owner.managed_policies.values()))


def default_version(policy: Any) -> Policy:
    versions: Iterable[Any] = policy.versions
    return as_policy(next(version.document for version in versions if version.is_default))


def as_policy(document: Any) -> Policy:
    """Parse a policy from moto's records: CloudFormation stores parsed documents, the API stores text."""
    return parse_policy(document if isinstance(document, str) else json.dumps(document))

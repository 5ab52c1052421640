"""The identity behind an access key, with every policy that applies to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from local_aws.call import Principal
from local_aws.cloud import Cloud
from local_aws.iam.evaluator import Policy, parse_policy
from local_aws.sessions import Session


@dataclass(frozen=True)
class Identity:
    """A caller with its policies; each group of policies in `limits` must allow too, under the name of AWS's messages."""

    principal: Principal
    kind: str  # the value of aws:PrincipalType
    policies: tuple[Policy, ...] = ()
    limits: dict[str, tuple[Policy, ...]] = field(default_factory=dict)
    user_name: str = ""
    user_id: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    session: Session | None = None

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

    def find(self, access_key_id: str) -> Identity | None:
        """The identity of an access key; None for an unknown key."""
        if access_key_id == self._cloud.secrets.root_key_id:
            principal = Principal(f"arn:aws:iam::{self._cloud.account}:root", access_key_id)
            return Identity(principal, "Account", user_id=self._cloud.account)
        if session := self._cloud.sessions.find(access_key_id):
            return self._of_role_session(session) if session.of_role else self._of_user_session(session)
        key = self._cloud.books("iam").access_keys.get(access_key_id)
        user = key and self._cloud.books("iam").users.get(key.user_name)
        return self._of_user(user, access_key_id) if user else None

    def _of_role_session(self, session: Session) -> Identity:
        principal = Principal(session.owner_arn, session.access_key_id, session.arn)
        role = find_role(self._cloud, session.owner_arn)
        own = tags_of(role) if role else {}
        limits = boundary_of(self._cloud, role) | session_limits(session)
        return Identity(
            principal, "AssumedRole", policies_of(role), limits, user_id=session.user_id, tags={**own, **session.tags}, session=session
        )

    def _of_user_session(self, session: Session) -> Identity | None:
        users = self._cloud.books("iam").users.values()
        user = next((user for user in users if user.arn == session.owner_arn), None)
        return replace(self._of_user(user, session.access_key_id), session=session) if user else None

    def _of_user(self, user: Any, access_key_id: str) -> Identity:
        groups = [group for group in self._cloud.books("iam").groups.values() if user in group.users]
        policies = tuple(policy for owner in (user, *groups) for policy in policies_of(owner))
        principal, limits = Principal(user.arn, access_key_id), boundary_of(self._cloud, user)
        return Identity(principal, "User", policies, limits, user.name, user.id, tags_of(user))


def session_limits(session: Session) -> dict[str, tuple[Policy, ...]]:
    return {"session policy": tuple(map(parse_policy, session.policies))} if session.policies else {}


def tags_of(owner: Any) -> dict[str, str]:
    """The tags of a role or user in moto's records, which keep them as a map or as a list."""
    tags = getattr(owner, "tags", None) or {}
    return {tag["Key"]: tag["Value"] for tag in (tags.values() if isinstance(tags, dict) else tags)}


def find_role(cloud: Cloud, role_arn: str) -> Any:
    """moto's record of a role; None when there is no such role."""
    return next((role for role in cloud.books("iam").roles.values() if role.arn == role_arn), None)


def boundary_of(cloud: Cloud, owner: Any) -> dict[str, tuple[Policy, ...]]:
    """The permissions boundary of a role or user, under the name of AWS's messages; empty when there is none."""
    arn = boundary_arn(owner)
    if not arn:
        return {}
    policy = cloud.books("iam").managed_policies.get(arn)
    # a deleted boundary allows nothing
    return {"permissions boundary": (default_version(policy),) if policy else ()}


def boundary_arn(owner: Any) -> str:
    """The ARN of the boundary of moto's role or user; moto's users have none of their own, so `local_aws.iam.users` adds it."""
    return getattr(owner, "permissions_boundary_arn", None) or ""


def policies_of(owner: Any) -> tuple[Policy, ...]:
    """Inline and managed policies of a role, user or group; empty when the owner does not exist."""
    if owner is None:
        return ()
    return (*map(as_policy, owner.policies.values()), *map(default_version, owner.managed_policies.values()))


def default_version(policy: Any) -> Policy:
    return parse_policy(default_document(policy))


def default_document(policy: Any) -> str:
    """The JSON document of a managed policy's default version."""
    versions: Iterable[Any] = policy.versions
    return as_text(next(version.document for version in versions if version.is_default))


def as_policy(document: Any) -> Policy:
    return parse_policy(as_text(document))


def as_text(document: Any) -> str:
    """A policy of moto's records as JSON: CloudFormation stores parsed documents, the API stores text."""
    return document if isinstance(document, str) else json.dumps(document)

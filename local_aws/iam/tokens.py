"""STS: sessions of roles and users, with AWS's limits on their length, their policies and their tags.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.iam.principals import Identities, Identity, default_document, find_role
from local_aws.iam.roles import session_of
from local_aws.sessions import Session

ONE_HOUR, HALF_A_DAY = 3600, 12 * 3600
MOST_POLICIES, LONGEST_POLICY, MOST_TAGS = 10, 2048, 50


class SecurityTokens:
    """STS with AssumeRole, GetSessionToken and GetCallerIdentity."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._identities = Identities(cloud)

    def operations(self) -> Operations:
        return {
            ("sts", "AssumeRole"): self.assume_role,
            ("sts", "GetCallerIdentity"): self.get_caller_identity,
            ("sts", "GetSessionToken"): self.get_session_token,
        }

    def close(self) -> None:
        return

    def assume_role(self, call: Call) -> dict[str, Any]:
        caller, asked = self._caller(call), call.parameters
        if caller.is_root:
            raise AwsError("AccessDenied", "Roles may not be assumed by root accounts.", status=403)
        role = find_role(self._cloud, asked["RoleArn"])
        seconds = duration(asked.get("DurationSeconds"), role.max_session_duration or ONE_HOUR, chained=caller.session is not None)
        tags, transitive = session_tags(asked, caller.session)
        session = replace(
            session_of(role, asked["RoleSessionName"], seconds), policies=self._policies(asked), tags=tags, transitive=transitive
        )
        self._cloud.sessions.add(session)
        return {"Credentials": describe(session), "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn}}

    def get_session_token(self, call: Call) -> dict[str, Any]:
        caller, asked = self._caller(call), call.parameters
        if caller.session:
            raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", status=403)
        if caller.is_root:
            raise AwsError("AccessDenied", "local_aws makes no sessions of the account's root; call as a user.", status=403)
        if asked.get("SerialNumber") or asked.get("TokenCode"):
            raise AwsError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", status=403)
        seconds = asked.get("DurationSeconds") or HALF_A_DAY
        arn = caller.principal.arn
        return {"Credentials": describe(self._cloud.sessions.add(Session(arn, arn, caller.user_id, time.time() + seconds)))}

    def get_caller_identity(self, call: Call) -> dict[str, Any]:
        caller = self._caller(call)
        arn = caller.principal.session_arn or caller.principal.arn
        return {"UserId": caller.user_id, "Account": self._cloud.account, "Arn": arn}

    def _caller(self, call: Call) -> Identity:
        identity = self._identities.find(call.principal.access_key_id)
        assert identity is not None, "the front has authenticated the caller"
        return identity

    def _policies(self, asked: dict[str, Any]) -> tuple[str, ...]:
        """The session policies of a request, inline and managed; AwsError for too many or too long ones."""
        arns = [given.get("arn") for given in asked.get("PolicyArns") or ()]
        inline = asked.get("Policy") or ""
        if len(arns) > MOST_POLICIES:
            raise invalid(f"A session has at most {MOST_POLICIES} managed session policies, got {len(arns)}.")
        if len(inline) > LONGEST_POLICY:
            raise AwsError("PackedPolicyTooLarge", f"A session policy has at most {LONGEST_POLICY} characters, got {len(inline)}.")
        managed = self._cloud.books("iam").managed_policies
        if unknown := [arn for arn in arns if arn not in managed]:
            raise AwsError("NoSuchEntity", f"Policy {unknown[0]} does not exist or is not attachable.", status=404)
        return (*([inline] if inline else []), *(default_document(managed[arn]) for arn in arns))


def duration(asked: int | None, most: int, *, chained: bool) -> int:
    """Seconds of a role's session: AWS's default is an hour; a role that is assumed by a role has an hour at most."""
    seconds = ONE_HOUR if asked is None else asked
    if chained and seconds > ONE_HOUR:
        raise invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    if seconds > most:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return seconds


def session_tags(asked: dict[str, Any], before: Session | None) -> tuple[dict[str, str], frozenset[str]]:
    """The tags of a new session, and which of them are transitive; the transitive ones of the caller's session stay as they are."""
    given = {tag["Key"]: tag["Value"] for tag in asked.get("Tags") or ()}
    transitive = frozenset(asked.get("TransitiveTagKeys") or ())
    inherited = {key: value for key, value in before.tags.items() if key in before.transitive} if before else {}
    if len(given) > MOST_TAGS or len({key.lower() for key in given}) < len(asked.get("Tags") or ()):
        raise invalid(f"A session has at most {MOST_TAGS} tags, and each key once; keys ignore case.")
    if unknown := transitive - given.keys():
        raise invalid(f"The transitive tag key {sorted(unknown)[0]!r} is not a key of the tags.")
    if overwritten := given.keys() & inherited.keys():
        raise invalid(f"The tag {sorted(overwritten)[0]!r} is transitive in the session of the caller, and cannot be set again.")
    return given | inherited, transitive | inherited.keys()


def describe(session: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
        "Expiration": datetime.fromtimestamp(session.expires, UTC),
    }


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)

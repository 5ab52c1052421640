"""The way of this room's commands into an account: a profile of the AWS configuration, and a region."""

from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=10, read_timeout=60)


class NoAccess(Exception):
    """There is no way into an account; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Access:
    """`endpoint_url` is the profile's own, empty on AWS."""

    session: boto3.session.Session
    profile: str
    region: str
    endpoint_url: str

    def client(self, service: str, region: str = "") -> Any:
        make: Any = self.session.client  # the stubs know one signature a service
        return make(service, region_name=region or self.region, config=CONFIG)


@dataclass(frozen=True)
class Caller:
    """Who the credentials are."""

    account: str
    arn: str


def open_access(profile: str, region: str) -> Access:
    """The way in by this profile; without `region` in the profile's own. Raises NoAccess."""
    settings = botocore.session.Session(profile=profile or None)
    if not profile:
        raise NoAccess(f"PROFILE is missing: name a profile of ~/.aws/config, as in PROFILE=my-profile. {profiles(settings)}")
    try:
        session = boto3.session.Session(botocore_session=settings, region_name=region or None)
        scoped = settings.get_scoped_config()
    except ProfileNotFound as error:
        raise NoAccess(f"There is no profile {profile} in the AWS configuration. {profiles(settings)}") from error
    if not session.region_name:
        raise NoAccess(f"REGION is missing, and the profile {profile} names none: add REGION=us-east-1, say.")
    return Access(session, profile, session.region_name, str(scoped.get("endpoint_url", "")))


def identify(access: Access) -> Caller:
    """Who the credentials are. Raises NoAccess."""
    try:
        answer = access.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise NoAccess(
            f"The profile {access.profile} has no credentials that AWS accepts in {access.region}: {error}\n"
            f"`aws configure --profile {access.profile}` sets keys, `aws sso login --profile {access.profile}` renews a single sign-on."
        ) from error
    return Caller(answer["Account"], answer["Arn"])


def profiles(settings: botocore.session.Session) -> str:
    known = ", ".join(sorted(settings.available_profiles))
    return f"The profiles there are: {known}." if known else "There are none yet; `aws configure --profile my-profile` makes one."

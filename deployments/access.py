"""Access of the commands in `deployments/` to an AWS account: a profile of the AWS configuration, and a region."""

from dataclasses import dataclass
from typing import Any, Literal, overload

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

from pedigree.aws.clients import CloudFormationClient, ECRClient, IAMClient, LambdaClient, S3Client, ServiceQuotasClient, STSClient

CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=10, read_timeout=60)


class NoAccess(Exception):
    """The account cannot be reached; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Access:
    """Access to one account; `endpoint_url` comes from the profile and is empty on AWS."""

    session: boto3.session.Session
    profile: str
    region: str
    endpoint_url: str

    @overload
    def client(self, service: Literal["cloudformation"], region: str = "") -> CloudFormationClient: ...
    @overload
    def client(self, service: Literal["iam"], region: str = "") -> IAMClient: ...
    @overload
    def client(self, service: Literal["lambda"], region: str = "") -> LambdaClient: ...
    @overload
    def client(self, service: Literal["s3"], region: str = "") -> S3Client: ...
    @overload
    def client(self, service: Literal["service-quotas"], region: str = "") -> ServiceQuotasClient: ...
    @overload
    def client(self, service: Literal["sts"], region: str = "") -> STSClient: ...
    @overload
    def client(self, service: Literal["ecr"], region: str = "") -> ECRClient: ...
    def client(self, service: str, region: str = "") -> Any:
        make: Any = self.session.client  # the stubs declare one signature for each service
        return make(service, region_name=region or self.region, config=CONFIG)


@dataclass(frozen=True)
class Caller:
    """The identity behind the credentials."""

    account: str
    arn: str


def open_access(profile: str, region: str) -> Access:
    """Open the account with this profile; an empty `region` means the region of the profile. Raises NoAccess."""
    settings = botocore.session.Session(profile=profile or None)
    if not profile:
        raise NoAccess(f"PROFILE is missing: name a profile of ~/.aws/config, as in PROFILE=my-profile. {profiles(settings)}")
    try:
        session = boto3.session.Session(botocore_session=settings, region_name=region or None)
        scoped = settings.get_scoped_config()
    except ProfileNotFound as error:
        raise NoAccess(f"There is no profile {profile} in the AWS configuration. {profiles(settings)}") from error
    if not session.region_name:
        raise NoAccess(f"REGION is missing, and the profile {profile} names no region: add one, such as REGION=us-east-1.")
    return Access(session, profile, session.region_name, str(scoped.get("endpoint_url", "")))


def identify(access: Access) -> Caller:
    """Ask STS for the identity behind the credentials. Raises NoAccess."""
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
    return f"The profiles are: {known}." if known else "There are no profiles yet; `aws configure --profile my-profile` makes one."

"""The boto3 clients of all calls to AWS, by the name of their credentials."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

import boto3
from botocore.config import Config

from pedigree.aws.failures import raise_ours

if TYPE_CHECKING:  # the stubs are for development only; when the library runs, every client is an `Any`
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient as ApplicationAutoScalingClient
    from mypy_boto3_cloudformation import CloudFormationClient as CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient as CloudWatchClient
    from mypy_boto3_ec2 import EC2Client as EC2Client
    from mypy_boto3_ecr import ECRClient as ECRClient
    from mypy_boto3_iam import IAMClient as IAMClient
    from mypy_boto3_lambda import LambdaClient as LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient as CloudWatchLogsClient
    from mypy_boto3_pricing import PricingClient as PricingClient
    from mypy_boto3_s3 import S3Client as S3Client
    from mypy_boto3_sagemaker import SageMakerClient as SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient as SageMakerRuntimeClient
    from mypy_boto3_service_quotas import ServiceQuotasClient as ServiceQuotasClient
    from mypy_boto3_sns import SNSClient as SNSClient
    from mypy_boto3_ssm import SSMClient as SSMClient
    from mypy_boto3_sts import STSClient as STSClient
else:
    ApplicationAutoScalingClient = CloudFormationClient = CloudWatchClient = CloudWatchLogsClient = EC2Client = IAMClient = Any
    LambdaClient = PricingClient = S3Client = SageMakerClient = SageMakerRuntimeClient = ServiceQuotasClient = SNSClient = Any
    SSMClient = STSClient = ECRClient = Any

# boto3 turns a success whose answer was lost into "exists already" when it tries again; adoption takes care of that
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=70, max_pool_connections=32)
CONNECTIONS: dict[str, tuple[boto3.Session, dict[str, Any]]] = {}  # name of the credentials: session, further parameters of its clients


class Options(TypedDict, total=False):
    """Further parameters of `client`."""

    region: str | None
    config: Config


def connect(credentials: str, session: boto3.Session, **parameters: Any) -> None:
    """Create the clients of `credentials` from this session from now on; `parameters` go to `session.client`."""
    CONNECTIONS[credentials] = (session, parameters)
    kept_client.cache_clear()  # clients of an earlier session may hold keys that have expired


@overload
def client(credentials: str, service: Literal["application-autoscaling"], **options: Unpack[Options]) -> ApplicationAutoScalingClient: ...
@overload
def client(credentials: str, service: Literal["cloudformation"], **options: Unpack[Options]) -> CloudFormationClient: ...
@overload
def client(credentials: str, service: Literal["cloudwatch"], **options: Unpack[Options]) -> CloudWatchClient: ...
@overload
def client(credentials: str, service: Literal["ec2"], **options: Unpack[Options]) -> EC2Client: ...
@overload
def client(credentials: str, service: Literal["lambda"], **options: Unpack[Options]) -> LambdaClient: ...
@overload
def client(credentials: str, service: Literal["logs"], **options: Unpack[Options]) -> CloudWatchLogsClient: ...
@overload
def client(credentials: str, service: Literal["pricing"], **options: Unpack[Options]) -> PricingClient: ...
@overload
def client(credentials: str, service: Literal["s3"], **options: Unpack[Options]) -> S3Client: ...
@overload
def client(credentials: str, service: Literal["sagemaker"], **options: Unpack[Options]) -> SageMakerClient: ...
@overload
def client(credentials: str, service: Literal["sagemaker-runtime"], **options: Unpack[Options]) -> SageMakerRuntimeClient: ...
@overload
def client(credentials: str, service: Literal["service-quotas"], **options: Unpack[Options]) -> ServiceQuotasClient: ...
@overload
def client(credentials: str, service: Literal["sns"], **options: Unpack[Options]) -> SNSClient: ...
@overload
def client(credentials: str, service: Literal["ssm"], **options: Unpack[Options]) -> SSMClient: ...
def client(credentials: str, service: str, *, region: str | None = None, config: Config = CONFIG) -> Any:
    """A client of `service`, thread-safe and kept; without `connect`, `credentials` is the name of an AWS profile.

    An error of AWS that lasts is an AwsFailed: see `pedigree.aws.failures`.
    """
    return kept_client(credentials, service, region, config)


@cache
def kept_client(credentials: str, service: str, region: str | None, config: Config) -> Any:
    session, parameters = CONNECTIONS.get(credentials) or (boto3.Session(profile_name=credentials), {})
    make: Any = session.client  # its type knows services as literals only
    chosen = parameters.get("config")
    made = make(service, **{**parameters, "region_name": region, "config": config.merge(chosen) if chosen else config})
    return raise_ours(made, credentials)

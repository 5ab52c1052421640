"""The one way to AWS: a boto3 client made from the Prefect block that holds profile, region and endpoint."""

from functools import cache
from typing import Any

from botocore.config import Config
from prefect_aws import AwsCredentials

# boto3 turns a success whose answer was lost into "exists already" when it tries again; adoption takes care of that
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=70, max_pool_connections=32)


@cache
def client(credentials: str, service: str, *, region: str | None = None, config: Config = CONFIG) -> Any:
    """A client of `service`; `credentials` names the AwsCredentials block, which has the `region` too. Clients are thread-safe and kept."""
    block = AwsCredentials.load(credentials)
    assert isinstance(block, AwsCredentials), "clients are made in sync code, where load gives the block itself"
    session: Any = block.get_boto3_session()
    parameters = block.aws_client_parameters.get_params_override()
    chosen = parameters.pop("config", None)
    return session.client(service, region_name=region, config=config.merge(chosen) if chosen else config, **parameters)

"""The credentials of an AWS account, from the Prefect block AwsCredentials."""

from botocore.exceptions import ProfileNotFound
from prefect_aws import AwsCredentials

from pedigree.aws.account import missing_credentials
from pedigree.aws.clients import connect


def load_credentials(name: str) -> None:
    """Connect all clients of this name to the block of this name; InvalidInput when the block or its profile is missing."""
    try:
        block = AwsCredentials.load(name)
        assert isinstance(block, AwsCredentials), "in sync code, load returns the block itself"
        connect(name, block.get_boto3_session(), **block.aws_client_parameters.get_params_override())
    except (ValueError, ProfileNotFound) as error:  # Prefect raises ValueError for a missing block
        raise missing_credentials(name, error) from error

"""The way into an AWS account: the Prefect block AwsCredentials."""

from botocore.exceptions import ProfileNotFound
from prefect_aws import AwsCredentials

from pedigree.aws.account import missing_credentials
from pedigree.aws.clients import connect


def load_credentials(name: str) -> None:
    """From now on clients of this name come from the block of this name; InvalidInput where it or its profile is not there."""
    try:
        block = AwsCredentials.load(name)
        assert isinstance(block, AwsCredentials), "in sync code, load gives the block itself"
        connect(name, block.get_boto3_session(), **block.aws_client_parameters.get_params_override())
    except (ValueError, ProfileNotFound) as error:  # ValueError is Prefect's, of a block that it does not have
        raise missing_credentials(name, error) from error

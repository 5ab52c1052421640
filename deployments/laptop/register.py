"""Register what a run needs with the server of PREFECT_API_URL: the AwsCredentials block, and every deployment of prefect.yaml.

    python -m deployments.laptop.register AWS_URL

One process for both; Prefect is imported while the server still starts.
"""

import os
import sys

from prefect.cli import app
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters

from deployments.laptop.account import ORCHESTRATOR
from deployments.laptop.services import wait_for_pool
from deployments.laptop.stack import REGION


def main(aws_url: str) -> None:
    wait_for_pool(os.environ["PREFECT_API_URL"])
    parameters = AwsClientParameters(endpoint_url=aws_url)
    block = AwsCredentials(profile_name=ORCHESTRATOR, region_name=REGION, aws_client_parameters=parameters)
    block.save("pedigree", overwrite=True)
    sys.argv[1:] = ["--no-prompt", "deploy", "--all"]
    app()


if __name__ == "__main__":
    main(sys.argv[1])

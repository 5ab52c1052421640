"""Register what a run needs with the Prefect server of PREFECT_API_URL: the AwsCredentials block, and every deployment of prefect.yaml.

    python -m deployments.laptop.register AWS_URL SECONDS

One process for both, which waits SECONDS for the server: importing Prefect takes as long as starting it.
"""

import os
import sys

from prefect.cli import app
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters

from deployments.laptop.account import ORCHESTRATOR
from deployments.laptop.processes import answers, wait_until
from deployments.laptop.stack import REGION


def main(aws_url: str, seconds: float) -> None:
    health = os.environ["PREFECT_API_URL"] + "/health"
    wait_until(lambda: answers(health), seconds=seconds)
    parameters = AwsClientParameters(endpoint_url=aws_url)
    block = AwsCredentials(profile_name=ORCHESTRATOR, region_name=REGION, aws_client_parameters=parameters)
    block.save("pedigree", overwrite=True)
    sys.argv[1:] = ["--no-prompt", "deploy", "--all"]
    app()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))

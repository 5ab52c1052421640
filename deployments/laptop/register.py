"""Register with the server of PREFECT_API_URL: the credentials block of the embedded AWS, and every deployment that the server can run.

    python -m deployments.laptop.register STATE_FOLDER

One process registers everything; it imports Prefect while the server still starts.
"""

import sys
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters

from deployments import CLOUD, LAPTOP
from deployments.laptop.account import ORCHESTRATOR
from deployments.laptop.prefect_api import PrefectApi
from deployments.laptop.services import wait_for_pool
from deployments.laptop.stack import PROJECT, REGION, Stack
from deployments.register import deploy, has_block, prepare


def main(folder: Path) -> None:
    wait_for_pool(PrefectApi.of_environment())
    with get_client(sync_client=True) as client:
        places = [LAPTOP, CLOUD] if has_block(client) else [LAPTOP]  # the worker may still start
        prepare(client, places)
    save_credentials(folder)
    deploy(places)


def save_credentials(folder: Path) -> None:
    parameters = AwsClientParameters(endpoint_url=Stack.load(folder).aws_url)
    credentials = AwsCredentials(profile_name=ORCHESTRATOR, region_name=REGION, aws_client_parameters=parameters)
    credentials.save(PROJECT, overwrite=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

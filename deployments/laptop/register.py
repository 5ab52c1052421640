"""Register with the server of PREFECT_API_URL: the credentials block, the work pool for ECS, automations, every deployment of prefect.yaml.

    python -m deployments.laptop.register STATE_FOLDER

One process registers everything; it imports Prefect while the server still starts.
"""

import os
import sys
from pathlib import Path

from prefect.cli import app
from prefect.client.orchestration import get_client
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters
from prefect_aws.workers import ECSWorker

from deployments.automations import delete_earlier
from deployments.laptop.account import ORCHESTRATOR
from deployments.laptop.prefect_api import PrefectApi
from deployments.laptop.services import wait_for_pool
from deployments.laptop.stack import PROJECT, REGION, Stack
from deployments.pools import ECS, create_pool, ecs_template


def main(folder: Path) -> None:
    wait_for_pool(PrefectApi.of_environment())
    with get_client(sync_client=True) as client:
        create_pool(client, ECS, ECSWorker.type, ecs_template(os.environ))
        delete_earlier(client)
    save_credentials(folder)
    sys.argv[1:] = ["--no-prompt", "deploy", "--all"]
    app()


def save_credentials(folder: Path) -> None:
    parameters = AwsClientParameters(endpoint_url=Stack.load(folder).aws_url)
    credentials = AwsCredentials(profile_name=ORCHESTRATOR, region_name=REGION, aws_client_parameters=parameters)
    credentials.save(PROJECT, overwrite=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

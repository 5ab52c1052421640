"""Run the Prefect worker of the stack for the server of PREFECT_API_URL; the keeper starts it.

    python -m deployments.laptop.worker

The process imports Prefect while the server still starts.
"""

import sys
import threading

import prefect.cli.worker
import prefect.workers.process  # noqa: F401  what the command would import only then
from prefect.cli import app

from deployments.laptop.keeper import end_with_keeper
from deployments.laptop.prefect_api import PrefectApi
from deployments.laptop.services import POOL, WORKER, wait_for_pool


def main() -> None:
    threading.Thread(target=end_with_keeper, daemon=True).start()
    wait_for_pool(PrefectApi.of_environment())
    sys.argv[1:] = ["worker", "start", "--pool", POOL, "--type", "process", "--name", WORKER]
    app()


if __name__ == "__main__":
    main()

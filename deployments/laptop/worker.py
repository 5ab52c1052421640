"""The Prefect worker of the stack, for the server of PREFECT_API_URL: `python -m deployments.laptop.worker`.

Prefect is imported while the server still starts.
"""

import os
import sys

import prefect.cli.worker
import prefect.workers.process  # noqa: F401  what the command would import only then
from prefect.cli import app

from deployments.laptop.services import POOL, WORKER, wait_for_pool


def main() -> None:
    wait_for_pool(os.environ["PREFECT_API_URL"])
    sys.argv[1:] = ["worker", "start", "--pool", POOL, "--type", "process", "--name", WORKER]
    app()


if __name__ == "__main__":
    main()

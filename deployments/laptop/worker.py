"""Run the Prefect worker of the stack for the server of PREFECT_API_URL; the keeper starts it.

    python -m deployments.laptop.worker

The process imports Prefect while the server still starts.
"""

import sys
import threading
from functools import partial
from typing import Any

from prefect._internal import observers
from prefect.cli import app
from prefect.client.orchestration import PrefectClient
from prefect.utilities.schema_tools import validate
from prefect.utilities.services import critical_service_loop
from prefect.workers import base
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from deployments.laptop.keeper import end_with_keeper
from deployments.laptop.prefect_api import PrefectApi
from deployments.laptop.services import POOL, WORKER, wait_for_pool

FAILURES = 10_000  # looks for runs and for cancellations that may fail in a row, 10 s or less apart


class FixedJob(ProcessJobConfiguration):
    """A job that refuses variables which its template does not list; the server lets them pass for a run that is created by itself."""

    @classmethod
    async def from_template_and_values(
        cls, base_job_template: dict[str, Any], values: dict[str, Any], client: PrefectClient | None = None
    ) -> "FixedJob":
        validate(values, base_job_template["variables"], raise_on_error=True)
        job: FixedJob = await super().from_template_and_values(base_job_template, values, client=client)
        return job


def outlive_servers() -> None:
    """Look again after any outage: Prefect's worker ends after minutes, with its runs, and cancels none after half a minute."""
    patient = partial(critical_service_loop, consecutive=FAILURES)
    base.critical_service_loop = observers.critical_service_loop = patient  # type: ignore[attr-defined]


def main() -> None:
    threading.Thread(target=end_with_keeper, daemon=True).start()
    wait_for_pool(PrefectApi.of_environment())
    ProcessWorker.job_configuration = FixedJob
    outlive_servers()
    sys.argv[1:] = ["worker", "start", "--pool", POOL, "--type", "process", "--name", WORKER]
    app()


if __name__ == "__main__":
    main()

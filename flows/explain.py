"""Show where the live model came from: data, code, training, approval and flow runs, read from AWS alone.

prefect deployment run explain/local
python -m flows.explain [endpoint] [--credentials block] [--project name]
"""

import argparse
import sys
from dataclasses import asdict
from typing import Annotated, Any

from prefect.runtime import flow_run

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Environment
from tasks.account import find_account
from tasks.lineage import print_lineage, publish_lineage, trace_lineage
from tasks.runs.forms import EnvironmentGroup, shown
from tasks.runs.parameters import flow


def run_name() -> str:
    parameters = flow_run.get_parameters()
    return f"explain {parameters['endpoint'] or parameters['environment'].project}"


@flow(name="explain", flow_run_name=run_name, persist_result=True)  # the only flow with a return value
def explain(
    endpoint: Annotated[str | None, shown("Endpoint", "Empty for the project's own endpoint.")] = None,
    environment: EnvironmentGroup = Environment(),
) -> dict[str, Any]:
    """Trace an endpoint back to its endpoint config, model package, training job, dataset, code, flow runs and approver.

    The flow only reads; it changes nothing.
    """
    account = find_account(environment)
    lineage = trace_lineage(account, endpoint or account.project)
    publish_lineage(account, lineage)
    return asdict(lineage)


def main() -> int:
    """Print the lineage for a person; exit status 1 means no such endpoint, 2 means no way into the account."""
    parser = argparse.ArgumentParser(prog="python -m flows.explain", description="Show where the model of an endpoint came from.")
    parser.add_argument("endpoint", nargs="?", help="name of the endpoint; empty for the project's own endpoint")
    parser.add_argument("--credentials", default="pedigree", help="name of the Prefect AwsCredentials block")
    parser.add_argument("--project", default="pedigree")
    options = parser.parse_args()
    try:
        account = find_account.fn(Environment(credentials=options.credentials, project=options.project))
    except InvalidInput as error:
        print(f"{error}\nPREFECT_API_URL must name the Prefect server that has the block.", file=sys.stderr)
        return 2
    lineage = trace_lineage.fn(account, options.endpoint or account.project)
    print_lineage(lineage)
    return 0 if lineage.status else 1


if __name__ == "__main__":
    sys.exit(main())

"""From the winner to a run of `operationalize` with its settings: the command for a person, and the task that does it."""

import json
import shlex
from typing import Any

from prefect import task
from prefect.deployments import run_deployment
from prefect.runtime import deployment, flow_run

from tasks.aws.errors import InvalidInput
from tasks.settings import Environment, Training

FLOW = "operationalize"


def commands(dataset: str, training: Training) -> str:
    """Lines of a shell, each with every setting of the training: for any server that has the deployment, and for a laptop."""
    settings = {"training": training.model_dump(mode="json")}
    anywhere = f"prefect deployment run {deployment_name()} --params {shlex.quote(json.dumps({'dataset': dataset} | settings))}"
    if not deployment_name().endswith("/local"):
        return anywhere
    return f"make run DATASET={shlex.quote(dataset)} PARAMS={shlex.quote(json.dumps(settings))}\n{anywhere}"


def deployment_name() -> str:
    """That of the same place as this run's own."""
    return f"{FLOW}/{deployment.get_name() or 'local'}"


def require_deployment() -> None:
    if deployment.get_name() is None:
        cause = f"this run belongs to no deployment, so it is not known which of `{FLOW}` shall go on with the winner"
        raise InvalidInput("tune", "then_operationalize", cause, "run tune/local or tune/aws, or leave it out and use the printed command")


@task(name="start operationalize")
def start_operationalize(dataset: str, training: Training, environment: Environment, budget_usd: float | None) -> str:
    """Name of the flow run; begun again after a crash it is the same one."""
    parameters: dict[str, Any] = {
        "dataset": dataset,
        "training": training.model_dump(mode="json"),
        "environment": environment.model_dump(mode="json"),
        "budget_usd": budget_usd,
    }
    started: Any = run_deployment(
        deployment_name(), parameters=parameters, timeout=0, as_subflow=False, idempotency_key=f"tuned by {flow_run.get_id()}"
    )
    return str(started.name)

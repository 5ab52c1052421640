"""Base job templates of the work pools: command, image, roles, folder and environment are fixed; other job variables are refused.

Prefect's server refuses it for a deployment, for a run of a deployment and for an automation, and not where a run is created by itself. So
nothing in `job_configuration` refers to a variable that is not listed, and there is no `env`: a worker would add the caller's `env` to it.
"""

from typing import Any

ENGINE = "python -m prefect.engine"
ENVIRONMENT = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}  # seconds; deployments/watch.py marks a run that is silent for longer


def process_template() -> dict[str, Any]:
    """Template for processes; it has no variables."""
    given = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    return {"job_configuration": {"command": f"env {given} {ENGINE}", "stream_output": True}, "variables": only({})}


def only(variables: dict[str, Any]) -> dict[str, Any]:
    """JSON schema that allows these variables and no other."""
    return {"type": "object", "properties": variables, "additionalProperties": False}

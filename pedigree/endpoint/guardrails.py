"""How an update moves the traffic, as SageMaker is asked for it: a pure function."""

import math
from collections.abc import Sequence
from typing import Any

from pedigree.settings import Guardrails

LEAST_TIMEOUT, STARTING_SECONDS = 600, 1800  # AWS allows no shorter one; what starting a fleet may take beside the waiting


def deployment_config(guardrails: Guardrails, instances: int, alarms: Sequence[str]) -> dict[str, Any]:
    """A single instance changes all at once: a canary is at most half of the instances, so that there is none of one.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    bake = guardrails.bake_seconds
    routing: dict[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    steps = 1
    if instances > 1:
        size = min(math.ceil(instances * guardrails.step_percent / 100), instances // 2)
        kind, member = {"canary": ("CANARY", "CanarySize"), "linear": ("LINEAR", "LinearStepSize")}[guardrails.shift]
        routing = {"Type": kind, "WaitIntervalInSeconds": bake, member: {"Type": "INSTANCE_COUNT", "Value": size}}
        steps = 2 if guardrails.shift == "canary" else math.ceil(instances / size)
    policy = {
        "TrafficRoutingConfiguration": routing,
        "TerminationWaitInSeconds": bake,
        "MaximumExecutionTimeoutInSeconds": max(LEAST_TIMEOUT, steps * bake + STARTING_SECONDS),
    }
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
    return {"BlueGreenUpdatePolicy": policy, **rollback}

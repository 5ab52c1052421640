"""How an update moves the traffic, as SageMaker is asked for it: a pure function."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pedigree.settings import Guardrails

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import BlueGreenUpdatePolicyTypeDef, DeploymentConfigTypeDef, TrafficRoutingConfigTypeDef

LEAST_TIMEOUT, STARTING_SECONDS = 600, 1800  # AWS allows no shorter one; what starting a fleet may take beside the waiting


def deployment_config(guardrails: Guardrails, instances: int, alarms: Sequence[str]) -> "DeploymentConfigTypeDef":
    """A single instance changes all at once: a canary is at most half of the instances, so that there is none of one.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    bake = guardrails.bake_seconds
    routing: TrafficRoutingConfigTypeDef = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    steps = 1
    if instances > 1:
        size = min(math.ceil(instances * guardrails.step_percent / 100), instances // 2)
        if guardrails.shift == "canary":
            routing = {"Type": "CANARY", "WaitIntervalInSeconds": bake, "CanarySize": {"Type": "INSTANCE_COUNT", "Value": size}}
            steps = 2
        else:
            routing = {"Type": "LINEAR", "WaitIntervalInSeconds": bake, "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": size}}
            steps = math.ceil(instances / size)
    policy: BlueGreenUpdatePolicyTypeDef = {
        "TrafficRoutingConfiguration": routing,
        "TerminationWaitInSeconds": bake,
        "MaximumExecutionTimeoutInSeconds": max(LEAST_TIMEOUT, steps * bake + STARTING_SECONDS),
    }
    config: DeploymentConfigTypeDef = {"BlueGreenUpdatePolicy": policy}
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return config

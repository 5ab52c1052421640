"""The two CloudWatch alarms of a target-tracking policy."""

import uuid
from collections.abc import Mapping
from typing import Any

from local_aws.metrics.alarms import Alarms

# predefined metric of a variant or function version -> (namespace, metric, statistic)
METRICS = {
    "SageMakerVariantInvocationsPerInstance": ("AWS/SageMaker", "InvocationsPerInstance", "Sum"),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": ("AWS/SageMaker", "ConcurrentRequestsPerModel", "Maximum"),
    "SageMakerInferenceComponentInvocationsPerCopy": ("AWS/SageMaker", "InvocationsPerCopy", "Sum"),
    "LambdaProvisionedConcurrencyUtilization": ("AWS/Lambda", "ProvisionedConcurrencyUtilization", "Average"),
}
SCALE_IN_BELOW = 0.9  # share of the target value
HIGH_MINUTES, LOW_MINUTES = 3, 15


def put_alarms(alarms: Alarms, policy: Any, existing: Mapping[str, str]) -> dict[str, Any]:
    """Put the alarms `AlarmHigh` and, unless scale-in is disabled, `AlarmLow`; `existing` maps each kind to a name to keep."""
    config = policy.target_tracking_scaling_policy_configuration
    target = float(config["TargetValue"])
    rules = {"AlarmHigh": ("GreaterThanThreshold", HIGH_MINUTES, target)}
    if not config.get("DisableScaleIn"):
        rules["AlarmLow"] = ("LessThanThreshold", LOW_MINUTES, target * SCALE_IN_BELOW)
    return {
        kind: alarms.put(
            {
                "AlarmName": existing.get(kind) or f"TargetTracking-{policy.resource_id}-{kind}-{uuid.uuid4()}",
                "ComparisonOperator": comparison,
                "EvaluationPeriods": minutes,
                "Period": 60,
                "Threshold": threshold,
                "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.policy_arn}.",
                "AlarmActions": [policy.policy_arn],
                **metric_of(config, policy.resource_id),
            }
        )
        for kind, (comparison, minutes, threshold) in rules.items()
    }


def metric_of(config: Mapping[str, Any], resource_id: str) -> dict[str, Any]:
    custom = config.get("CustomizedMetricSpecification")
    if custom:
        return {member: custom[member] for member in ("Namespace", "MetricName", "Statistic", "Dimensions", "Unit") if member in custom}
    namespace, name, statistic = METRICS[config["PredefinedMetricSpecification"]["PredefinedMetricType"]]
    dimensions = [{"Name": dimension, "Value": value} for dimension, value in dimensions_of(resource_id).items()]
    return {"Namespace": namespace, "MetricName": name, "Statistic": statistic, "Dimensions": dimensions}


def dimensions_of(resource_id: str) -> dict[str, str]:
    if resource_id.startswith("function:"):
        resource = resource_id.removeprefix("function:")
        return {"FunctionName": resource.partition(":")[0], "Resource": resource}
    _, endpoint, _, variant = resource_id.split("/")
    return {"EndpointName": endpoint, "VariantName": variant}

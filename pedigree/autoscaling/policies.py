"""The scaling policies of the settings, as pure requests.

AWS creates the alarms of target tracking, we create those of step policies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pedigree.aws.naming import within
from pedigree.aws.resources.serving import TargetId, variant_id
from pedigree.aws.resources.table import SCALABLE_TARGET
from pedigree.settings import Autoscaling, CpuStep
from pedigree.values import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling.type_defs import (
        PutScalingPolicyRequestTypeDef,
        StepAdjustmentTypeDef,
        StepScalingPolicyConfigurationTypeDef,
        TargetTrackingScalingPolicyConfigurationTypeDef,
    )
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, PutMetricAlarmInputTypeDef

INVOCATIONS, LATENCY, CPU_OUT, CPU_IN = "invocations-per-instance", "model-latency", "cpu-out", "cpu-in"
UTILIZATION = "utilization"  # the policy of a function's provisioned concurrency
OURS = (INVOCATIONS, LATENCY, CPU_OUT, CPU_IN, UTILIZATION)
STEP_POLICIES = (CPU_OUT, CPU_IN)
PERIOD, OUT_PERIODS, IN_PERIODS = 60, 3, 15  # seconds, then periods: the same as in the alarms of target tracking


@dataclass(frozen=True)
class Policy:
    """A scaling policy: PutScalingPolicy, and for a step policy PutMetricAlarm without action and tags."""

    request: "PutScalingPolicyRequestTypeDef"
    alarm: "PutMetricAlarmInputTypeDef | None" = None

    @property
    def name(self) -> str:
        return self.request["PolicyName"]


def policies(endpoint: Endpoint, autoscaling: Autoscaling) -> list[Policy]:
    target = SCALABLE_TARGET.id_of(variant_id(endpoint.name, endpoint.variant))
    if autoscaling.policy == "invocations":
        return [target_tracking(target, INVOCATIONS, invocations(autoscaling))]
    if autoscaling.policy == "latency":
        return [target_tracking(target, LATENCY, latency(endpoint, autoscaling))]
    out = sorted((step for step in autoscaling.cpu_steps if step.change > 0), key=lambda step: step.cpu)
    down = sorted((step for step in autoscaling.cpu_steps if step.change < 0), key=lambda step: -step.cpu)
    wanted = {CPU_OUT: (out, autoscaling.scale_out_cooldown), CPU_IN: (down, autoscaling.scale_in_cooldown)}
    return [
        Policy(step_scaling(target, name, steps, cooldown), cpu_alarm(endpoint, name, steps[0]))
        for name, (steps, cooldown) in wanted.items()
        if steps
    ]


def target_tracking(target: TargetId, name: str, configuration: "TargetTrackingScalingPolicyConfigurationTypeDef") -> Policy:
    request: PutScalingPolicyRequestTypeDef = {
        "ServiceNamespace": target["ServiceNamespace"],
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    return Policy(request)


def invocations(autoscaling: Autoscaling) -> "TargetTrackingScalingPolicyConfigurationTypeDef":
    return {
        "TargetValue": autoscaling.target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": autoscaling.scale_in_cooldown,
        "ScaleOutCooldown": autoscaling.scale_out_cooldown,
    }


def latency(endpoint: Endpoint, autoscaling: Autoscaling) -> "TargetTrackingScalingPolicyConfigurationTypeDef":
    """ModelLatency, which is in microseconds."""
    return {
        "TargetValue": autoscaling.latency_target_ms * 1000,
        "CustomizedMetricSpecification": {
            "MetricName": "ModelLatency",
            "Namespace": "AWS/SageMaker",
            "Dimensions": dimensions(endpoint),
            "Statistic": "Average",
            "Unit": "Microseconds",
        },
        "ScaleInCooldown": autoscaling.scale_in_cooldown,
        "ScaleOutCooldown": autoscaling.scale_out_cooldown,
    }


def step_scaling(target: TargetId, name: str, steps: Sequence[CpuStep], cooldown: int) -> "PutScalingPolicyRequestTypeDef":
    """PutScalingPolicy; the CPU of the first step, which is the smallest change, is the threshold of the alarm."""
    ends = [step.cpu for step in steps[1:]]
    configuration: StepScalingPolicyConfigurationTypeDef = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [adjustment(step, end, steps[0].cpu) for step, end in zip(steps, [*ends, None], strict=True)],
        "Cooldown": cooldown,
        "MetricAggregationType": "Average",
    }
    return {
        "ServiceNamespace": target["ServiceNamespace"],
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "PolicyName": name,
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": configuration,
    }


def adjustment(step: CpuStep, end: float | None, zero: float) -> "StepAdjustmentTypeDef":
    """The change of one step, from its own CPU to the CPU `end` of the next step; None is without end.

    `zero` is the threshold of the alarm, from which the bounds are counted.
    """
    lower, upper = (step.cpu, end) if step.change > 0 else (end, step.cpu)
    adjusted: StepAdjustmentTypeDef = {"ScalingAdjustment": step.change}
    if lower is not None:
        adjusted["MetricIntervalLowerBound"] = lower - zero
    if upper is not None:
        adjusted["MetricIntervalUpperBound"] = upper - zero
    return adjusted


def cpu_alarm(endpoint: Endpoint, name: str, first: CpuStep) -> "PutMetricAlarmInputTypeDef":
    return {
        "AlarmName": alarm_name(endpoint.name, name),
        "Namespace": "/aws/sagemaker/Endpoints",
        "MetricName": "CPUUtilization",
        "Dimensions": dimensions(endpoint),
        "Statistic": "Average",
        "Period": PERIOD,
        "EvaluationPeriods": OUT_PERIODS if first.change > 0 else IN_PERIODS,
        "Threshold": first.cpu,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold" if first.change > 0 else "LessThanOrEqualToThreshold",
    }


def alarm_name(endpoint: str, policy: str) -> str:
    return within(endpoint, policy)


def dimensions(endpoint: Endpoint) -> "list[DimensionTypeDef]":
    return [{"Name": "EndpointName", "Value": endpoint.name}, {"Name": "VariantName", "Value": endpoint.variant}]


def rule_of(autoscaling: Autoscaling) -> str:
    """The scaling policy in a few words."""
    if autoscaling.policy == "invocations":
        return f"target {autoscaling.target:g} invocations per instance"
    if autoscaling.policy == "latency":
        return f"target {autoscaling.latency_target_ms:g} ms in the model"
    return "CPU " + ", ".join(f"{step.change:+d} {'from' if step.change > 0 else 'up to'} {step.cpu:g}%" for step in autoscaling.cpu_steps)

"""The scaling policies of the settings, as pure requests: AWS creates the alarms of target tracking, we create those of step policies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pedigree.aws.naming import within
from pedigree.settings import Autoscaling, CpuStep
from pedigree.values import Endpoint

INVOCATIONS, LATENCY, CPU_OUT, CPU_IN = "invocations-per-instance", "model-latency", "cpu-out", "cpu-in"
UTILIZATION = "utilization"  # the policy of a function's provisioned concurrency
OURS = (INVOCATIONS, LATENCY, CPU_OUT, CPU_IN, UTILIZATION)
STEP_POLICIES = (CPU_OUT, CPU_IN)
PERIOD, OUT_PERIODS, IN_PERIODS = 60, 3, 15  # seconds, then periods: the same as in the alarms of target tracking


@dataclass(frozen=True)
class Policy:
    """A scaling policy; `alarm` is PutMetricAlarm without action and tags, and only a step policy has it."""

    name: str
    kind: str
    configuration: dict[str, Any]
    alarm: dict[str, Any] | None = None

    @property
    def member(self) -> str:
        """The field of requests and descriptions that holds the configuration."""
        return f"{self.kind}PolicyConfiguration"


def policies(endpoint: Endpoint, autoscaling: Autoscaling) -> list[Policy]:
    if autoscaling.policy == "invocations":
        return [Policy(INVOCATIONS, "TargetTrackingScaling", target_tracking(autoscaling))]
    if autoscaling.policy == "latency":
        return [Policy(LATENCY, "TargetTrackingScaling", latency_tracking(endpoint, autoscaling))]
    out = sorted((step for step in autoscaling.cpu_steps if step.change > 0), key=lambda step: step.cpu)
    down = sorted((step for step in autoscaling.cpu_steps if step.change < 0), key=lambda step: -step.cpu)
    wanted = [step_policy(endpoint, CPU_OUT, out, cooldown=autoscaling.scale_out_cooldown)]
    return [*wanted, *([step_policy(endpoint, CPU_IN, down, cooldown=autoscaling.scale_in_cooldown)] if down else [])]


def target_tracking(autoscaling: Autoscaling) -> dict[str, Any]:
    return {
        "TargetValue": autoscaling.target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": autoscaling.scale_in_cooldown,
        "ScaleOutCooldown": autoscaling.scale_out_cooldown,
    }


def latency_tracking(endpoint: Endpoint, autoscaling: Autoscaling) -> dict[str, Any]:
    """Target tracking of ModelLatency, which is in microseconds."""
    metric = {
        "MetricName": "ModelLatency",
        "Namespace": "AWS/SageMaker",
        "Dimensions": dimensions(endpoint),
        "Statistic": "Average",
        "Unit": "Microseconds",
    }
    return {
        "TargetValue": autoscaling.latency_target_ms * 1000,
        "CustomizedMetricSpecification": metric,
        "ScaleInCooldown": autoscaling.scale_in_cooldown,
        "ScaleOutCooldown": autoscaling.scale_out_cooldown,
    }


def step_policy(endpoint: Endpoint, name: str, steps: Sequence[CpuStep], *, cooldown: int) -> Policy:
    """The step policy; the CPU of its first step, the smallest change, is the threshold of the alarm and the zero of the bounds."""
    out, threshold = steps[0].change > 0, steps[0].cpu
    near, far = ("Lower", "Upper") if out else ("Upper", "Lower")
    bounds = [{f"MetricInterval{near}Bound": step.cpu - threshold, "ScalingAdjustment": step.change} for step in steps]
    for bound, following in zip(bounds, steps[1:], strict=False):
        bound[f"MetricInterval{far}Bound"] = following.cpu - threshold
    configuration = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": bounds,
        "Cooldown": cooldown,
        "MetricAggregationType": "Average",
    }
    return Policy(name, "StepScaling", configuration, cpu_alarm(endpoint, name, threshold, out=out))


def cpu_alarm(endpoint: Endpoint, name: str, threshold: float, *, out: bool) -> dict[str, Any]:
    return {
        "AlarmName": alarm_name(endpoint.name, name),
        "Namespace": "/aws/sagemaker/Endpoints",
        "MetricName": "CPUUtilization",
        "Dimensions": dimensions(endpoint),
        "Statistic": "Average",
        "Period": PERIOD,
        "EvaluationPeriods": OUT_PERIODS if out else IN_PERIODS,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold" if out else "LessThanOrEqualToThreshold",
    }


def alarm_name(endpoint: str, policy: str) -> str:
    return within(endpoint, policy)


def dimensions(endpoint: Endpoint) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint.name}, {"Name": "VariantName", "Value": endpoint.variant}]


def rule_of(autoscaling: Autoscaling) -> str:
    """The scaling policy in a few words."""
    if autoscaling.policy == "invocations":
        return f"target {autoscaling.target:g} invocations per instance"
    if autoscaling.policy == "latency":
        return f"target {autoscaling.latency_target_ms:g} ms in the model"
    return "CPU " + ", ".join(f"{step.change:+d} {'from' if step.change > 0 else 'up to'} {step.cpu:g}%" for step in autoscaling.cpu_steps)

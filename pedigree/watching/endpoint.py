"""The alarms on an endpoint.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

from typing import TYPE_CHECKING

from pedigree.settings import Autoscaling, Guardrails
from pedigree.watching.request import FIVE_MINUTES, MINUTE, Metric, alarm, missing, over, over_math

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import PutMetricAlarmInputTypeDef

INVOCATIONS, INSTANCES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
SATURATED_MINUTES, UNSERVED_MINUTES = 15, 5


def endpoint_alarms(endpoint: str, variant: str, guardrails: Guardrails, autoscaling: Autoscaling) -> "list[PutMetricAlarmInputTypeDef]":
    where = {"EndpointName": endpoint, "VariantName": variant}
    return [
        errors(endpoint, where, guardrails),
        latency(endpoint, where, guardrails),
        saturated(endpoint, where, autoscaling),
        unserved(endpoint, where),
    ]


def errors(endpoint: str, where: dict[str, str], guardrails: Guardrails) -> "PutMetricAlarmInputTypeDef":
    """More errors a minute than may roll an update back, over five minutes."""
    shared = alarm(endpoint, "watch-5xx", threshold=guardrails.max_errors * FIVE_MINUTES / MINUTE)
    return over(shared, Metric(INVOCATIONS, "Invocation5XXErrors", where))


def latency(endpoint: str, where: dict[str, str], guardrails: Guardrails) -> "PutMetricAlarmInputTypeDef":
    """The latency that rolls an update back, for 15 minutes; ModelLatency is in microseconds."""
    shared = alarm(endpoint, "watch-latency", threshold=guardrails.max_p99_seconds * 1e6, periods=3)
    request = over(shared, Metric(INVOCATIONS, "ModelLatency", where))
    del request["Statistic"]
    return {**request, "ExtendedStatistic": "p99"}


def saturated(endpoint: str, where: dict[str, str], autoscaling: Autoscaling) -> "PutMetricAlarmInputTypeDef":
    """AWS publishes no number of instances, but each request adds 1/instances to InvocationsPerInstance.

    Where schedules change the maximum, the lowest one counts: too early is better than never.
    """
    most = min([autoscaling.max_instances, *(schedule.max_instances for schedule in autoscaling.schedules)])
    metrics = {"invocations": Metric(INVOCATIONS, "Invocations", where), "shares": Metric(INVOCATIONS, "InvocationsPerInstance", where)}
    if autoscaling.policy == "invocations":
        above = f"shares > {float(autoscaling.target)}"
    elif autoscaling.policy == "latency":
        metrics["latency"] = Metric(INVOCATIONS, "ModelLatency", where, "Average")
        above = f"latency > {autoscaling.latency_target_ms * 1000}"
    else:
        metrics["cpu"] = Metric(INSTANCES, "CPUUtilization", where, "Average")
        above = f"cpu >= {min(float(step.cpu) for step in autoscaling.cpu_steps if step.change > 0)}"
    shared = alarm(endpoint, "watch-saturated", threshold=0.0, periods=SATURATED_MINUTES)
    return over_math(shared, f"IF({above} AND invocations / shares > {most - 0.5}, 1, 0)", metrics)


def unserved(endpoint: str, where: dict[str, str]) -> "PutMetricAlarmInputTypeDef":
    """Every instance puts its CPUUtilization each minute, so where nothing does there is no instance."""
    shared = alarm(endpoint, "watch-unserved", threshold=1.0, periods=UNSERVED_MINUTES)
    return missing(shared, Metric(INSTANCES, "CPUUtilization", where, "SampleCount"), period=MINUTE)

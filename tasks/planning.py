"""The settings that a traffic needs."""

from typing import Any

from prefect import task

from pedigree.planning import measure, plan, records
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.measure import LEVEL_SECONDS
from pedigree.planning.trace import Trace
from pedigree.settings import Goal, Mission, Serving, Traffic
from pedigree.values import Account
from tasks.runs.artifacts import show_page
from tasks.runs.options import AWS_TASK


@task(name="read traffic", **AWS_TASK)
def read_traffic(account: Account, traffic: Traffic) -> Trace:
    """Read the requests of the traffic over time; InvalidInput for an impossible traffic."""
    return plan.read_traffic(account, traffic)


@task(name="measure latency", **AWS_TASK)
def measure_latency(account: Account, serving: Serving, *, level_seconds: float = LEVEL_SECONDS) -> LatencyCurve:
    """Measure the latency of the live model at rising concurrency on a separate endpoint, and record it."""
    return measure.measure_latency(account, serving, level_seconds=level_seconds)


@task(name="find latency curve", **AWS_TASK)
def find_curve(account: Account, serving: Serving, curve: str | None) -> LatencyCurve:
    """Read the given curve (a file or s3:// address), or else the newest recorded curve of the live model."""
    return records.find_curve(account, serving, curve)


@task(name="plan capacity", **AWS_TASK)
def plan_capacity(account: Account, trace: Trace, curve: LatencyCurve, goal: Goal, mission: Mission) -> dict[str, Any]:
    """Recommend parameters of `operationalize`; the artifact `<project>-capacity-plan` shows all tried settings."""
    planned = plan.plan_capacity(account, trace, curve, goal, mission)
    show_page(f"{account.project}-capacity-plan", planned.page)
    return planned.parameters

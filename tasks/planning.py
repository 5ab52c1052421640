"""Which settings a traffic needs."""

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
    """The requests of the traffic over time; InvalidInput for one that makes no sense."""
    return plan.read_traffic(account, traffic)


@task(name="measure latency", **AWS_TASK)
def measure_latency(account: Account, serving: Serving, *, level_seconds: float = LEVEL_SECONDS) -> LatencyCurve:
    """The latency of what is live at rising concurrency, measured on an endpoint of its own and recorded."""
    return measure.measure_latency(account, serving, level_seconds=level_seconds)


@task(name="find latency curve", **AWS_TASK)
def find_curve(account: Account, serving: Serving, curve: str | None) -> LatencyCurve:
    """The given curve, a file or s3:// address, else the newest that was recorded of what is live."""
    return records.find_curve(account, serving, curve)


@task(name="plan capacity", **AWS_TASK)
def plan_capacity(account: Account, trace: Trace, curve: LatencyCurve, goal: Goal, mission: Mission) -> dict[str, Any]:
    """The recommended parameters of `operationalize`; all that was tried is the artifact `<project>-capacity-plan`."""
    planned = plan.plan_capacity(account, trace, curve, goal, mission)
    show_page(f"{account.project}-capacity-plan", planned.page)
    return planned.parameters

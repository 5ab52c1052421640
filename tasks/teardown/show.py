"""The task that shows what goes: in the log, and as a table on the run's page."""

from collections import Counter
from collections.abc import Sequence

from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run

from tasks.aws.tasking import AWS_TASK
from tasks.cost.money import dollars
from tasks.kinds.kind import Resource
from tasks.teardown.savings import monthly_costs
from tasks.values import Account


@task(name="show resources", **AWS_TASK)
def show_resources(account: Account, resources: Sequence[Resource], artifact: str) -> str:
    """`3 resources: 1 endpoint, 2 models; without them $84.00 a month less`, after a line for each and the table `<project>-<artifact>`."""
    costs, source = monthly_costs(account, resources)
    summary = f"{count(resources)}; without them {dollars(sum(cost or 0.0 for cost in costs))} a month less"
    for resource, cost in zip(resources, costs, strict=True):
        get_run_logger().info(f"{resource.kind} {resource.name}: {price(cost)} a month")
    if flow_run.get_id() is not None:  # only a flow run has a page to show it on
        table = [row(resource, cost) for resource, cost in zip(resources, costs, strict=True)]
        create_table_artifact(table, key=f"{account.project}-{artifact}", description=f"{summary}; prices: {source}")
    return summary


def count(resources: Sequence[Resource]) -> str:
    kinds = Counter(resource.kind for resource in resources)
    listed = ", ".join(plural(number, kind) for kind, number in kinds.items())
    return f"{plural(len(resources), 'resource')}: {listed}"


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def row(resource: Resource, cost: float | None) -> dict[str, str]:
    return {
        "Kind": resource.kind,
        "Name": resource.name,
        "Status": resource.status,
        "A month": price(cost),
        "Flow run": resource.flow_run_id or "",
    }


def price(cost: float | None) -> str:
    return "not known" if cost is None else dollars(cost)

"""The resources to delete with their cost: as log lines, as a table, and as a sentence."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pedigree.aws.resources.kind import Resource
from pedigree.teardown.savings import monthly_costs
from pedigree.text import dollars, plural
from pedigree.values import Account

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """The table of some resources; `summary` is like `3 resources: 1 endpoint, 2 models; without them $84.00 a month less`."""

    rows: list[dict[str, str]]
    summary: str
    prices_of: str


def show_resources(account: Account, resources: Sequence[Resource]) -> Shown:
    """Show the resources with their monthly cost, also as log lines."""
    costs, source = monthly_costs(account, resources)
    summary = f"{count(resources)}; without them {dollars(sum(cost or 0.0 for cost in costs))} a month less"
    for resource, cost in zip(resources, costs, strict=True):
        LOG.info(f"{resource.kind} {resource.name}: {price(cost)} a month")
    return Shown([row(resource, cost) for resource, cost in zip(resources, costs, strict=True)], summary, source)


def count(resources: Sequence[Resource]) -> str:
    kinds = Counter(resource.kind for resource in resources)
    listed = ", ".join(plural(number, kind) for kind, number in kinds.items())
    return f"{plural(len(resources), 'resource')}: {listed}"


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

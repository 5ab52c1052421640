"""The monthly cost of existing resources, as AWS describes them now."""

from collections.abc import Sequence

from pedigree.aws.resources.kind import Billed, Resource
from pedigree.aws.resources.table import BY_TITLE
from pedigree.prices.prices import HOURS_A_MONTH, Prices, read_prices
from pedigree.values import Account


def monthly_costs(account: Account, resources: Sequence[Resource]) -> tuple[list[float | None], str]:
    """The (USD a month of each resource, None when the price is not known; the source of the prices)."""
    billed = [BY_TITLE[resource.kind].billed(account, resource) for resource in resources]
    prices = read_prices(account, {instance_type for each in billed for _, instance_type in each.instances})
    return [monthly_cost(each, prices) for each in billed], prices.source


def monthly_cost(billed: Billed, prices: Prices) -> float | None:
    hourly = [prices.instance(use, instance_type) for use, instance_type in billed.instances]
    if None in hourly:
        return None
    instances = sum(count * (price or 0.0) for count, price in zip(billed.instances.values(), hourly, strict=True))
    units = sum(count * prices.unit(name) for name, count in billed.units.items())
    return (instances + units) * HOURS_A_MONTH

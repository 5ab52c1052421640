"""Prices from AWS's Price List API when it is reachable, else from the dated table beside this module."""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.config import Config

from pedigree.aws.clients import PricingClient, client
from pedigree.aws.errors import ANY_AWS_ERROR, InvalidInput
from pedigree.aws.resources.kind import Unit, Use
from pedigree.values import Account

LOG = logging.getLogger(__name__)
TABLE = Path(__file__).with_name("prices.json")
HOURS_A_MONTH = 730
API_REGIONS = ("us-east-1", "eu-central-1", "ap-south-1")  # the only regions with this API; each has the prices of all regions
QUICK = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=5)
USAGE_TYPES: Mapping[str, Use] = {"Train": "training", "Host": "hosting", "Tsform": "transform", "Notebk": "notebook", "BoxUsage": "ec2"}
PLAIN_EC2 = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}


@dataclass(frozen=True)
class Prices:
    """Prices in USD an hour: `instance_hours` is {instance type: {use: price}}, the others are for one GB or one alarm.

    `volume_gb` is the price of a training job's disk, `instance_volume_gb` that of an EC2 instance's disk.
    """

    source: str
    instance_hours: Mapping[str, Mapping[str, float]]
    volume_gb: float
    instance_volume_gb: float
    provisioned_gb: float
    bucket_gb: float
    alarm: float

    def instance(self, use: Use, instance_type: str) -> float | None:
        """USD an hour of one instance; None when the price is not known."""
        return self.instance_hours.get(instance_type, {}).get(use)

    def unit(self, name: Unit) -> float:
        """USD an hour of one of the other prices, such as `alarm` or `bucket_gb`."""
        price: float = getattr(self, name)
        return price

    def require(self, use: Use, instance_type: str) -> float:
        """USD an hour of one instance; InvalidInput when the price is not known, because a budget needs it."""
        price = self.instance(use, instance_type)
        if price is None:
            cause = f"its price for {use} is not known ({self.source}), and the budget needs it"
            raise InvalidInput("plan costs", instance_type, cause, "choose another instance type, or run without budget_usd")
        return price


def read_prices(account: Account, instance_types: Iterable[str]) -> Prices:
    """The prices of these instance types in the account's region; if one request fails, all prices come from the table."""
    prices = read_table()
    region = account.region if account.region in API_REGIONS else API_REGIONS[0]
    pricing = client(account.credentials, "pricing", region=region, config=QUICK)
    try:
        hours = {name: ask_price_list(pricing, account.region, name) for name in sorted(set(instance_types))}
        prices = replace(
            prices, source=f"AWS Price List API for {account.region}; all prices except instances: {prices.source}", instance_hours=hours
        )
    except ANY_AWS_ERROR as error:
        LOG.debug(f"The Price List API does not answer, the table is used: {error}")
    LOG.info(f"Prices: {prices.source}")
    return prices


def read_table() -> Prices:
    table = json.loads(TABLE.read_text())
    month = {name: unit["usd"] / HOURS_A_MONTH for name, unit in table["units"].items()}
    return Prices(
        source=f"table of {table['date']} for {table['region']}",
        instance_hours=table["instance_hours"],
        volume_gb=month["training volume GB-month"],
        instance_volume_gb=month["instance volume GB-month"],
        provisioned_gb=table["units"]["provisioned concurrency GB-second"]["usd"] * 3600,
        bucket_gb=month["bucket GB-month"],
        alarm=month["alarm month"],
    )


def ask_price_list(pricing: PricingClient, region: str, instance_type: str) -> dict[str, float]:
    """Ask AWS for the {use: USD an hour} of an instance type: a SageMaker type when it begins with `ml.`, else an EC2 type."""
    on_ec2 = not instance_type.startswith("ml.")
    wanted = {"regionCode": region} | ({"instanceType": instance_type, **PLAIN_EC2} if on_ec2 else {"instanceName": instance_type})
    service = "AmazonEC2" if on_ec2 else "AmazonSageMaker"
    pages = pricing.get_paginator("get_products").paginate(
        ServiceCode=service, Filters=[{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    )
    return dict(price for page in pages for product in page["PriceList"] for price in hourly_prices(json.loads(product), instance_type))


def hourly_prices(product: Mapping[str, Any], instance_type: str) -> Iterable[tuple[Use, float]]:
    """The (use, USD an hour) pairs of one product of the price list, if its use is in USAGE_TYPES."""
    # a usage type is `USE1-Train:ml.m5.large`; the attribute `component` is missing in some products
    found = re.fullmatch(rf"(?:\w+-)?(\w+):{re.escape(instance_type)}", product["product"]["attributes"].get("usagetype", ""))
    if found is None or found[1] not in USAGE_TYPES:
        return
    for term in product["terms"].get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            usd = float(dimension["pricePerUnit"].get("USD", 0))
            if dimension["unit"] == "Hrs" and usd > 0:  # the free tier is listed at 0
                yield USAGE_TYPES[found[1]], usd

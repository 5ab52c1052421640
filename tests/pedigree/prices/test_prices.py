"""Prices of the Price List API, as it answers for an instance type, and of the table where it cannot be reached."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from prefect.logging import disable_run_logger

from pedigree.aws.errors import InvalidInput
from pedigree.prices.prices import TABLE, read_prices, read_table
from pedigree.settings import Ec2
from pedigree.values import Account

ACCOUNT = Account("block", "pedigree", "eu-west-1", "bucket", "arn", "arn", "arn", "arn")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with disable_run_logger():
        yield


@pytest.fixture
def asked() -> list[tuple[Any, ...]]:
    """The clients that were asked for."""
    return []


@pytest.fixture
def price_list(monkeypatch: pytest.MonkeyPatch, asked: list[tuple[Any, ...]]) -> Iterator[Stubber]:
    session: Any = boto3.session.Session()
    pricing = session.client("pricing", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

    def client(credentials: str, service: str, *, region: str, config: object) -> Any:
        asked.append((credentials, service, region))
        return pricing

    monkeypatch.setattr("pedigree.prices.prices.client", client)
    with Stubber(pricing) as stubber:
        yield stubber


def product(usage_type: str, usd: str, *, unit: str = "Hrs") -> str:
    """One product in the shape of https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html"""
    dimension = {"unit": unit, "description": "", "pricePerUnit": {"USD": usd}, "rateCode": "r", "appliesTo": []}
    return json.dumps(
        {
            "product": {"productFamily": "ML Instance", "sku": usage_type, "attributes": {"usagetype": usage_type}},
            "serviceCode": "AmazonSageMaker",
            "terms": {"OnDemand": {"sku.term": {"priceDimensions": {"sku.term.rate": dimension}, "sku": usage_type}}},
        }
    )


def answer(stubber: Stubber, instance_type: str, *products: str) -> None:
    filters = [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-west-1"},
        {"Type": "TERM_MATCH", "Field": "instanceName", "Value": instance_type},
    ]
    stubber.add_response("get_products", {"PriceList": list(products)}, {"ServiceCode": "AmazonSageMaker", "Filters": filters})


def test_each_instance_type_is_asked_for_once_and_each_use_has_its_price(price_list: Stubber, asked: list[tuple[Any, ...]]) -> None:
    answer(
        price_list,
        "ml.g5.xlarge",
        product("EU-Train:ml.g5.xlarge", "1.5720000000"),
        product("EU-Host:ml.g5.xlarge", "1.5730000000"),
        product("EU-Notebk:ml.g5.xlarge", "1.5740000000"),
        product("EU-Studio:JupyterLab-ml.g5.xlarge", "9.0000000000"),
        product("EU-TrSpt:ml.g5.xlarge", "0.5000000000"),
        product("EU-Train:ml.g5.xlarge", "0.0000000000"),
        product("EU-Host:ml.g5.xlarge", "7.0000000000", unit="GB"),
    )
    prices = read_prices(ACCOUNT, ["ml.g5.xlarge", "ml.g5.xlarge"])
    assert prices.instance_hours == {"ml.g5.xlarge": {"training": 1.572, "hosting": 1.573, "notebook": 1.574}}
    assert prices.source == "AWS Price List API for eu-west-1; all prices except instances: table of 2026-09-28 for us-east-1"
    assert asked == [("block", "pricing", "us-east-1")]  # it is not in eu-west-1
    price_list.assert_no_pending_responses()


def test_an_ec2_instance_is_asked_for_as_plain_linux(price_list: Stubber) -> None:
    wanted = {
        "regionCode": "eu-west-1",
        "instanceType": "m5.xlarge",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
    }
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    listed = {"PriceList": [product("EU-BoxUsage:m5.xlarge", "0.214"), product("EU-DedicatedUsage:m5.xlarge", "0.3")]}
    price_list.add_response("get_products", listed, {"ServiceCode": "AmazonEC2", "Filters": filters})
    assert read_prices(ACCOUNT, ["m5.xlarge"]).instance("ec2", "m5.xlarge") == 0.214


def test_both_instances_that_train_on_ec2_have_their_price_in_the_table() -> None:
    assert [read_table().instance("ec2", name) for name in get_args(Ec2.model_fields["instance_type"].annotation)] == [0.192, 0.526]


def test_what_a_region_does_not_offer_has_no_price(price_list: Stubber) -> None:
    answer(price_list, "ml.p3.2xlarge")
    prices = read_prices(ACCOUNT, ["ml.p3.2xlarge"])
    assert prices.instance("training", "ml.p3.2xlarge") is None
    with pytest.raises(InvalidInput, match=r"ml\.p3\.2xlarge: its price for training is not known .*eu-west-1.*\n.*without budget_usd"):
        prices.require("training", "ml.p3.2xlarge")


def test_one_refused_question_makes_all_prices_those_of_the_table(price_list: Stubber) -> None:
    answer(price_list, "ml.g4dn.xlarge", product("EU-Train:ml.g4dn.xlarge", "0.9"))
    price_list.add_client_error("get_products", "AccessDeniedException", "not you", 400)
    prices = read_prices(ACCOUNT, ["ml.m5.large", "ml.g4dn.xlarge"])
    assert prices == read_table()
    assert prices.source == "table of 2026-09-28 for us-east-1"
    assert prices.instance("training", "ml.g4dn.xlarge") == 0.736


def test_without_a_way_to_the_api_there_is_the_table(price_list: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://api.pricing.us-east-1.amazonaws.com")

    monkeypatch.setattr("pedigree.prices.prices.ask_price_list", unreachable)
    assert read_prices(ACCOUNT, ["ml.m5.large"]) == read_table()


def test_every_price_of_the_table_says_where_it_is_from() -> None:
    table = json.loads(TABLE.read_text())
    rows = [*table["instance_hours"].values(), *table["units"].values()]
    assert {row["from"] for row in rows} == set(table["sources"])
    assert all(0 < value < 10 for row in rows for name, value in row.items() if name != "from")


def test_a_month_has_730_hours() -> None:
    table = read_table()
    assert (table.volume_gb * 730, table.bucket_gb * 730, table.alarm * 730) == pytest.approx((0.14, 0.023, 0.1))
    assert table.provisioned_gb == pytest.approx(0.0000041667 * 3600)

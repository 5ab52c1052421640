"""Links lead to the page of the console that shows the thing, and only where there is a console."""

from typing import Any

import pytest

from pedigree.aws.console import endpoint_config_url, has_console, model_url
from pedigree.report.links import console_url
from tests.lab.report_records import stage_values

CONSOLE = "https://eu-west-1.console.aws.amazon.com"


@pytest.mark.parametrize(
    ("stage", "page"),
    [
        ("plan", None),
        ("dataset", "/s3/buckets/bucket?region=eu-west-1&prefix=datasets/da7a5e7dd16e57aa/"),
        ("training", "/sagemaker/home?region=eu-west-1#/jobs/pedigree-train-1f3870be274f6c49"),
        ("comparison", "/sagemaker/home?region=eu-west-1#/jobs/pedigree-evaluate-77"),
        ("gate", None),
        ("registry", None),
        ("endpoint", "/sagemaker/home?region=eu-west-1#/endpoints/pedigree"),
        ("autoscaling", "/sagemaker/home?region=eu-west-1#/endpoints/pedigree"),
        ("function", "/lambda/home?region=eu-west-1#/functions/pedigree/aliases/live"),
        ("smoke test", None),
    ],
)
def test_a_stage_leads_to_what_it_gave(stage: str, page: str | None) -> None:
    assert console_url("eu-west-1", stage_values()[stage]) == (page and CONSOLE + page)


@pytest.mark.parametrize("value", [None, "text"])
def test_nothing_leads_nowhere(value: Any) -> None:
    assert console_url("eu-west-1", value) is None


def test_model_and_config_have_pages_too() -> None:
    assert model_url("eu-west-1", "m") == f"{CONSOLE}/sagemaker/home?region=eu-west-1#/models/m"
    assert endpoint_config_url("eu-west-1", "c") == f"{CONSOLE}/sagemaker/home?region=eu-west-1#/endpointConfig/c"


@pytest.mark.parametrize(
    ("region", "domain"),
    [("cn-north-1", "cn-north-1.console.amazonaws.cn"), ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com")],
)
def test_every_partition_has_its_own_console(region: str, domain: str) -> None:
    assert model_url(region, "m").startswith(f"https://{domain}/sagemaker/")


@pytest.mark.parametrize(
    ("endpoint", "there"),
    [
        ("https://s3.eu-west-1.amazonaws.com", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("https://vpce-1-a.s3.eu-west-1.vpce.amazonaws.com", True),
        ("http://127.0.0.1:4566", False),
        ("https://amazonaws.com.example.org", False),
        ("https://notamazonaws.com", False),
    ],
)
def test_only_the_apis_of_aws_have_a_console(endpoint: str, *, there: bool) -> None:
    assert has_console(endpoint) is there

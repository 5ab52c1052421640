"""The dashboard of the stack has the structure that CloudWatch takes, and shows metrics that there are.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from itertools import combinations
from typing import Annotated, Any, Literal

import pytest
from botocore.exceptions import ClientError
from moto.cloudformation.models import Stack
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from deployments.bootstrap import TEMPLATE
from local_aws.metrics.statistics import statistic_of
from pedigree.endpoint.config import VARIANT
from tests.lab.live_account import LiveAccount

COLUMNS = 24
DIMENSIONS = {
    "AWS/SageMaker": ["EndpointName", "VariantName"],
    "/aws/sagemaker/Endpoints": ["EndpointName", "VariantName"],
    "AWS/Lambda": ["FunctionName"],
    "AWS/Billing": ["Currency"],
}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Rendering(Strict):
    stat: str
    label: str | None = None


class MetricProperties(Strict):
    title: str
    region: str
    view: Literal["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]
    period: Annotated[int, Field(ge=60, multiple_of=60)]
    metrics: Annotated[list[list[Any]], Field(min_length=1, max_length=500)]


class TextProperties(Strict):
    markdown: Annotated[str, Field(min_length=1)]


class Placed(Strict):
    x: Annotated[int, Field(ge=0, lt=COLUMNS)]
    y: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=1, le=COLUMNS)]
    height: Annotated[int, Field(ge=1, le=1000)]


class MetricWidget(Placed):
    type: Literal["metric"]
    properties: MetricProperties


class TextWidget(Placed):
    type: Literal["text"]
    properties: TextProperties


class Variable(Strict):
    model_config = ConfigDict(alias_generator=to_camel)

    type: Literal["pattern", "property"]
    pattern: str
    id: str
    label: str
    input_type: Literal["input", "select", "radio"]
    default_value: str
    visible: bool
    populate_from: str
    search: str


class Body(Strict):
    variables: Annotated[list[Variable], Field(max_length=25)]
    widgets: Annotated[list[Annotated[MetricWidget | TextWidget, Field(discriminator="type")]], Field(max_length=500)]


@pytest.fixture(scope="module")
def body() -> Body:
    resources = Stack.parse_template(TEMPLATE.read_text())["Resources"]
    return Body.model_validate_json(resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])


def metrics(body: Body) -> list[list[Any]]:
    return [metric for widget in body.widgets if isinstance(widget, MetricWidget) for metric in widget.properties.metrics]


def test_every_widget_has_a_place_of_its_own(body: Body) -> None:
    assert all(widget.x + widget.width <= COLUMNS for widget in body.widgets)
    for one, other in combinations(body.widgets, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        above = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or above, (one, other)


def test_every_metric_is_one_of_the_endpoint_that_is_chosen(body: Body) -> None:
    (variable,) = body.variables
    for namespace, _name, *dimensions, rendering in metrics(body):
        assert dimensions[::2] == DIMENSIONS[namespace]
        values = {"EndpointName": variable.pattern, "FunctionName": variable.pattern, "VariantName": VARIANT, "Currency": "USD"}
        assert dimensions[1::2] == [values[name] for name in dimensions[::2]]
        statistic_of((), Rendering.model_validate(rendering).stat)


def test_the_charges_are_those_of_the_region_that_has_them(body: Body) -> None:
    regions = {
        widget.properties.region for widget in body.widgets if isinstance(widget, MetricWidget) and "Cost" in widget.properties.title
    }
    assert regions == {"us-east-1"}


def test_it_comes_and_goes_with_the_stack_under_the_name_of_its_project(live: LiveAccount) -> None:
    cloudwatch = live.client("cloudwatch")
    found = cloudwatch.get_dashboard(DashboardName=live.account.project)
    shown = Body.model_validate(json.loads(found["DashboardBody"]))
    assert shown.variables[0].default_value == live.account.project
    assert {widget.properties.region for widget in shown.widgets if isinstance(widget, MetricWidget)} == {live.account.region}
    live.client("cloudformation").delete_stack(StackName=live.account.project)
    with pytest.raises(ClientError, match="Dashboard does not exist"):
        cloudwatch.get_dashboard(DashboardName=live.account.project)

"""The form that the Prefect UI makes of a flow: groups in capitals, what people use most first, choices as dropdowns."""

import json
from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from flows.approve import approve
from flows.explain import explain
from flows.notify import notify
from flows.operationalize import operationalize
from flows.plan import plan
from flows.reap import reap
from flows.retrain import retrain
from flows.score import score
from flows.teardown import teardown
from flows.tune import tune
from pedigree import settings
from pedigree.settings import Training
from pedigree.settings.architectures import ARCHITECTURES

FLOWS = (approve, explain, notify, operationalize, plan, reap, retrain, score, teardown, tune)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_parameter_explains_itself_and_groups_are_in_capitals(flow: Flow[Any, Any]) -> None:
    for name, field in parameter_schema(flow).properties.items():
        assert field["description"], name
        assert field["title"].isupper() if "$ref" in field else field["title"][:1].isupper(), name


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_no_rule_is_a_regular_expression(flow: Flow[Any, Any]) -> None:
    """Prefect's server would show it to a person."""
    assert '"pattern"' not in json.dumps(parameter_schema(flow).model_dump())


def test_the_most_used_fields_come_first() -> None:
    form = sorted(parameter_schema(operationalize).properties.items(), key=lambda item: item[1]["position"])
    assert [name for name, _ in form][:3] == ["dataset", "budget_usd", "training"]
    assert list(Training.model_fields)[:4] == ["epochs", "architecture", "image_size", "batch_size"]


def test_what_has_a_few_values_is_a_dropdown() -> None:
    definitions: dict[str, Any] = parameter_schema(operationalize).definitions
    assert definitions["Training"]["properties"]["architecture"]["enum"] == list(ARCHITECTURES)
    choices = {(group, name) for group, model in definitions.items() for name, field in model["properties"].items() if "enum" in field}
    assert {("Gate", "against_champion"), ("Autoscaling", "policy"), ("Function", "url"), ("Ec2", "instance_type")} <= choices


GROUPS = [group for group in vars(settings).values() if isinstance(group, type) and issubclass(group, settings.Settings)]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_field_of_every_group_explains_itself(group: type[settings.Settings]) -> None:
    assert [name for name, field in group.model_fields.items() if not field.description] == []

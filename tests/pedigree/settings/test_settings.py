"""What AWS would refuse late is refused before anything is made."""

import ast
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pedigree import settings as groups
from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import endpoint_name
from pedigree.settings import Autoscaling, Environment, Function, Scoring, Serving, Settings

ROOT = Path(__file__).parents[3]
GROUPS = [group for group in vars(groups).values() if isinstance(group, type) and issubclass(group, Settings) and group is not Settings]


@pytest.mark.parametrize("group", GROUPS)
def test_the_form_explains_every_field(group: type[Settings]) -> None:
    assert [name for name, field in group.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(("name", "title"), [("volume_gb", "Volume GB"), ("memory_mb", "Memory MB"), ("cpu_steps", "CPU steps")])
def test_the_form_spells_units_as_people_do(name: str, title: str) -> None:
    titles = {field: shape.get("title") for group in GROUPS for field, shape in group.model_json_schema()["properties"].items()}
    assert titles[name] == title


def test_every_field_is_read() -> None:
    files = [file for room in ("flows", "tasks", "pedigree", "model") for file in (ROOT / room).rglob("*.py")]
    read = {node.attr for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}
    assert [f"{group.__name__}.{name}" for group in GROUPS for name in group.model_fields if name not in read] == []


@pytest.mark.parametrize(
    ("settings", "values", "complaint"),
    [
        (Environment, {"project": "dogs-"}, "project"),
        (Environment, {"project": "p" * 21}, "project"),
        (Environment, {"project": "p"}, "project"),
        (Environment, {"project": "pets--two"}, "project"),
        (Serving, {"endpoint_name": "be--ta"}, "endpoint_name"),
        (Serving, {"endpoint_name": "e" * 31}, "endpoint_name"),
        (Serving, {"endpoint_name": "rehearsal"}, "stands in for the project's own"),
        (Scoring, {"endpoint_name": "measured"}, "stands in for the project's own"),
        (Serving, {"instance_type": "ml.t2.medium"}, "cannot be scaled automatically"),
        (Serving, {"endpoint_name": "pedigree-"}, "endpoint_name"),
        (Autoscaling, {"min_instances": 4}, "min_instances 4 is more than max_instances 3"),
        (
            Autoscaling,
            {"cpu_steps": [{"cpu": 50, "change": -1}, {"cpu": 40, "change": 1}]},
            "removes instances up to 50% and adds instances from 40%",
        ),
        (Autoscaling, {"cpu_steps": [{"cpu": 50, "change": -1}]}, "needs a step that adds"),
        (Autoscaling, {"schedules": [{"name": "n", "when": "every day", "min_instances": 1, "max_instances": 1}]}, "when"),
        (
            Autoscaling,
            {"schedules": [{"name": "night", "when": "rate(1 day)", "min_instances": 2, "max_instances": 1}]},
            "more than max_instances in schedule night",
        ),
        (Function, {"provisioned_concurrency": 6}, "provisioned_concurrency 6 is more than reserved_concurrency 5"),
        (Function, {"reserved": 6}, "reserved"),
        (Function, {"max_provisioned_concurrency": 6}, "provisioned concurrency of up to 6 is more than reserved_concurrency 5"),
        (Function, {"max_provisioned_concurrency": 2}, "from 1 to max_provisioned_concurrency"),
        (Function, {"provisioned_concurrency": 0, "max_provisioned_concurrency": 2}, "from 1 to max_provisioned_concurrency"),
        (Function, {"provisioned_schedules": [{"name": "n", "when": "rate(1 day)", "lowest": 1, "highest": 6}]}, "of up to 6 is more"),
        (Function, {"provisioned_schedules": [{"name": "n", "when": "rate(1 day)", "lowest": 3, "highest": 2}]}, "lowest"),
        (Function, {"canary_percent": 60}, "canary_percent"),
        (Function, {"url": "NONE"}, "url"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: type[Settings], values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        settings(**values)


def test_an_endpoint_is_called_after_its_project() -> None:
    assert endpoint_name("pets", Serving()) == "pets"
    assert endpoint_name("pets", Serving(endpoint_name="beta")) == "pets--beta"
    for whole, action in (("pets-beta", "set serving.endpoint_name to beta"), ("pets", "leave serving.endpoint_name empty")):
        with pytest.raises(InvalidInput, match=action):  # as endpoints were called once
            endpoint_name("pets", Serving(endpoint_name=whole))

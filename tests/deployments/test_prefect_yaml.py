"""prefect.yaml agrees with the flows it names."""

from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint

from deployments.laptop.run import DEPLOYMENT
from deployments.laptop.services import POOL
from deployments.laptop.stack import ROOT

DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]

GIVEN = {
    "dataset": "s3://pictures/",
    "images": "s3://pictures/",
    "package": "arn:aws:sagemaker:package",
    "subject": "Hello",
    "message": "A test.",
}  # by a person


@pytest.fixture(params=DEPLOYMENTS, ids=lambda deployment: f"{deployment['entrypoint'].rpartition(':')[2]}/{deployment['name']}")
def deployment(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


def load(deployment: dict[str, Any]) -> Flow[Any, Any]:
    return load_flow_from_entrypoint(deployment["entrypoint"])


def test_the_parameters_are_ones_the_flow_takes(deployment: dict[str, Any]) -> None:
    flow = load(deployment)
    asked_for = {name: GIVEN[name] for name in flow.parameters.required}
    validated = flow.validate_parameters(asked_for | deployment["parameters"])
    assert validated.keys() >= deployment["parameters"].keys()


def test_wrong_parameters_are_refused_before_a_run_is_made(deployment: dict[str, Any]) -> None:
    assert deployment["enforce_parameter_schema"] is True


def test_a_trigger_gives_its_flow_every_parameter_of_what_happened(deployment: dict[str, Any]) -> None:
    given = [
        trigger["parameters"].keys() for trigger in deployment.get("triggers", []) if trigger["expect"] == ["pedigree.approval-wanted"]
    ]
    assert all(names == load(deployment).parameters.properties.keys() for names in given)


def test_make_run_has_its_deployment_in_the_pool_of_the_worker() -> None:
    pools = {f"{load(deployment).name}/{deployment['name']}": deployment["work_pool"]["name"] for deployment in DEPLOYMENTS}
    assert pools[DEPLOYMENT] == POOL

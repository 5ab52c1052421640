"""Deployments to a real endpoint: verified, adopted, updated, rolled back."""

import json
from typing import Any

import pytest

from tasks.aws.errors import DeploymentFailed
from tasks.deployment.endpoint import deploy_endpoint, restore_endpoint
from tasks.values import Endpoint
from tests.tasks.live_account import LiveAccount
from tests.tasks.small_models import BROKEN, FIRST, SECOND, SERVING, picture, registered


def deploy(live: LiveAccount, logits: tuple[float, ...] = FIRST, **model: Any) -> Endpoint:
    return deploy_endpoint.fn(live.account, registered(live, logits, **model), SERVING)


def answer(live: LiveAccount) -> Any:
    runtime = live.client("sagemaker-runtime")
    asked = runtime.invoke_endpoint(EndpointName=live.account.project, ContentType="image/jpeg", Body=picture("red"))
    return tuple(json.loads(asked["Body"].read())[0])


def live_config(live: LiveAccount) -> tuple[str, str]:
    """(status, config) of the endpoint."""
    found = live.client("sagemaker").describe_endpoint(EndpointName=live.account.project)
    return found["EndpointStatus"], found["EndpointConfigName"]


def names(live: LiveAccount) -> dict[str, set[str]]:
    """What the account has of models, endpoint configs and endpoints."""
    sagemaker, project = live.client("sagemaker"), live.account.project
    return {
        "models": {model["ModelName"] for model in sagemaker.list_models(NameContains=project)["Models"]},
        "configs": {config["EndpointConfigName"] for config in sagemaker.list_endpoint_configs(NameContains=project)["EndpointConfigs"]},
        "endpoints": {endpoint["EndpointName"] for endpoint in sagemaker.list_endpoints(NameContains=project)["Endpoints"]},
    }


def only(endpoint: Endpoint) -> dict[str, set[str]]:
    return {"models": {endpoint.model}, "configs": {endpoint.config}, "endpoints": {endpoint.name}}


def test_a_model_is_deployed_and_then_adopted(live: LiveAccount) -> None:
    version = registered(live)
    first = deploy_endpoint.fn(live.account, version, SERVING)
    assert (first.name, first.outcome, first.previous_config) == (live.account.project, "created", None)
    assert (live_config(live), answer(live)) == (("InService", first.config), FIRST)
    before = live.writes()
    again = deploy_endpoint.fn(live.account, version, SERVING)
    assert (again.config, again.outcome, live.writes()) == (first.config, "adopted", before)


def test_the_golden_images_are_asked_also_when_adopting(live: LiveAccount) -> None:
    version = registered(live)
    deploy_endpoint.fn(live.account, version, SERVING)
    before = len(live.calls())
    deploy_endpoint.fn(live.account, version, SERVING)
    assert [entry.action for entry in live.calls()[before:]].count("sagemaker:InvokeEndpoint") == 2


def test_another_model_is_an_update_that_can_be_taken_back(live: LiveAccount) -> None:
    first = deploy(live)
    second = deploy(live, SECOND)
    assert (second.outcome, second.previous_config) == ("updated", first.config)
    assert (live_config(live), answer(live)) == (("InService", second.config), SECOND)
    restore_endpoint(live.account, second)
    assert (live_config(live), answer(live)) == (("InService", first.config), FIRST)


def test_restoring_a_new_endpoint_deletes_it_and_an_adopted_one_stays(live: LiveAccount) -> None:
    version = registered(live)
    first = deploy_endpoint.fn(live.account, version, SERVING)
    restore_endpoint(live.account, deploy_endpoint.fn(live.account, version, SERVING))
    assert live_config(live) == ("InService", first.config)
    restore_endpoint(live.account, first)
    assert names(live)["endpoints"] == set()


@pytest.mark.parametrize(
    ("model", "cause"),
    [({"script": BROKEN}, "did not pass the ping health check"), ({"answers": SECOND}, "0.jpg: class 1 for 0.*1.jpg: class 1 for 0")],
    ids=["does not start", "answers wrong"],
)
class TestABadModel:
    def test_leaves_nothing_where_there_was_nothing(self, live: LiveAccount, model: dict[str, Any], cause: str) -> None:
        with pytest.raises(DeploymentFailed, match=f"{cause}.*; nothing is deployed"):
            deploy(live, **model)
        assert names(live) == {"models": set(), "configs": set(), "endpoints": set()}

    def test_leaves_what_served_before(self, live: LiveAccount, model: dict[str, Any], cause: str) -> None:
        first = deploy(live)
        with pytest.raises(DeploymentFailed, match=f"{cause}.*; {first.config} serves on"):
            deploy(live, **model)
        assert (live_config(live), answer(live)) == (("InService", first.config), FIRST)
        assert names(live) == only(first)


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceUnavailable", "status": 503}], ids=["dropped", "503"])
def test_lost_answers_change_nothing(live: LiveAccount, loss: dict[str, Any]) -> None:
    for operation in ("CreateModel", "CreateEndpointConfig", "CreateEndpoint"):
        live.aws.add_fault("sagemaker", operation, when="after", **loss)
    first = deploy(live)
    assert names(live) == only(first)
    live.aws.add_fault("sagemaker", "UpdateEndpoint", when="after", **loss)
    second = deploy(live, SECOND)
    assert (second.outcome, second.previous_config) == ("updated", first.config)
    assert (live_config(live), answer(live)) == (("InService", second.config), SECOND)


def test_a_failed_endpoint_is_replaced(live: LiveAccount) -> None:
    sagemaker, version = live.client("sagemaker"), registered(live, script=BROKEN)
    container = {"Image": SERVING.image, "ModelDataUrl": version.artifact}
    name = live.account.project
    sagemaker.create_model(ModelName=f"{name}-bad", ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container)
    variant = {"VariantName": "x", "ModelName": f"{name}-bad", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-bad", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-bad")
    good = deploy(live)
    assert (good.outcome, live_config(live), answer(live)) == ("created", ("InService", good.config), FIRST)

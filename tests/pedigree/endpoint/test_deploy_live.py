"""Deployments to a real endpoint: verified, adopted, updated, rolled back."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pedigree.aws.errors import DeploymentFailed, Throttled
from pedigree.aws.resources.table import ROLLBACK_ALARM
from pedigree.endpoint.champion import find_champion
from pedigree.endpoint.deploy import announced, confirm_endpoint, deploy_endpoint, restore_endpoint
from pedigree.registry.versions import register_model
from pedigree.values import Endpoint
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.small_models import (
    BROKEN,
    CLASSES,
    FIRST,
    SCRIPT,
    SECOND,
    SERVING,
    archive,
    candidate,
    picture,
    registered,
    trained,
    weights,
)


def deploy(live: LiveAccount, logits: tuple[float, ...] = FIRST, **model: Any) -> Endpoint:
    return deploy_endpoint(live.account, registered(live, logits, **model), SERVING)


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


def alarms(live: LiveAccount) -> set[str]:
    found = live.client("cloudwatch").describe_alarms(AlarmNamePrefix=live.account.project)["MetricAlarms"]
    return {alarm["AlarmName"] for alarm in found}


def only(endpoint: Endpoint) -> dict[str, set[str]]:
    return {"models": {endpoint.model}, "configs": {endpoint.config}, "endpoints": {endpoint.name}}


def test_a_model_is_deployed_and_then_adopted(live: LiveAccount) -> None:
    version = registered(live)
    first = deploy_endpoint(live.account, version, SERVING)
    assert (first.name, first.outcome, first.previous_config) == (live.account.project, "created", None)
    assert (live_config(live), answer(live)) == (("InService", first.config), FIRST)
    before = live.writes()
    again = deploy_endpoint(live.account, version, SERVING)
    assert (again.config, again.outcome, live.writes()) == (first.config, "adopted", before)


def test_the_golden_images_are_asked_also_when_adopting(live: LiveAccount) -> None:
    version = registered(live)
    deploy_endpoint(live.account, version, SERVING)
    before = len(live.calls())
    deploy_endpoint(live.account, version, SERVING)
    assert [entry.action for entry in live.calls()[before:]].count("sagemaker:InvokeEndpoint") == 2


def test_another_model_is_an_update_that_can_be_taken_back(live: LiveAccount) -> None:
    first = deploy(live)
    second = deploy(live, SECOND)
    assert (second.outcome, second.previous_config) == ("updated", first.config)
    assert (live_config(live), answer(live)) == (("InService", second.config), SECOND)
    restore_endpoint(live.account, second)
    assert (live_config(live), answer(live)) == (("InService", first.config), FIRST)


def test_restoring_an_endpoint_deletes_one_that_was_never_proven(live: LiveAccount) -> None:
    restore_endpoint(live.account, deploy(live))
    assert names(live)["endpoints"] == set()
    assert alarms(live) == set()


def test_restoring_what_was_proven_changes_nothing(live: LiveAccount) -> None:
    version = registered(live)
    first = deploy_endpoint(live.account, version, SERVING)
    confirm_endpoint(live.account, first)
    restore_endpoint(live.account, deploy_endpoint(live.account, version, SERVING))
    assert live_config(live) == ("InService", first.config)


@pytest.mark.parametrize(
    ("model", "cause"),
    [({"script": BROKEN}, "did not pass the ping health check"), ({"answers": SECOND}, "0.jpg: class 1 instead of 0.*1.jpg: class 1 ")],
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
    sagemaker.create_model(ModelName=f"{name}--bad", ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container)
    variant = {"VariantName": "x", "ModelName": f"{name}--bad", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}--bad", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}--bad")
    good = deploy(live)
    assert (good.outcome, live_config(live), answer(live)) == ("created", ("InService", good.config), FIRST)


def test_a_killed_run_leaves_the_way_back_at_the_endpoint(live: LiveAccount) -> None:
    first = deploy(live)
    confirm_endpoint(live.account, first)
    second = registered(live, SECOND)
    killed = deploy_endpoint(live.account, second, SERVING)  # and nobody confirms it
    again = deploy_endpoint(live.account, second, SERVING)
    assert (again.outcome, again.previous_config, live_config(live)[1]) == ("adopted", first.config, killed.config)
    champion = find_champion(live.account, SERVING)
    assert champion is not None
    assert champion.config == first.config
    with pytest.raises(DeploymentFailed, match=f"{first.config} serves on"):
        deploy(live, (1.0, 9.0), script=BROKEN)
    assert (live_config(live), answer(live)) == (("InService", first.config), FIRST)


def test_a_new_config_is_to_be_announced_until_it_was(live: LiveAccount) -> None:
    version = registered(live)
    deploy_endpoint(live.account, version, SERVING)  # and the run dies before the mark
    first = deploy_endpoint(live.account, version, SERVING)
    assert (first.outcome, confirm_endpoint(live.account, first)) == ("adopted", True)
    assert confirm_endpoint(live.account, first), "the run that marked it died before it announced it"
    announced(live.account, first)
    before = live.writes()
    assert not confirm_endpoint(live.account, deploy_endpoint(live.account, version, SERVING))
    assert live.writes() == before
    deploy(live, SECOND)  # never proven
    back = deploy_endpoint(live.account, version, SERVING)
    assert (back.outcome, confirm_endpoint(live.account, back)) == ("updated", False)


def test_an_endpoint_that_is_too_busy_is_asked_again_and_taken_back_by_nobody(live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = {"code": "ThrottlingException", "status": 400}
    live.aws.add_fault("sagemaker-runtime", "InvokeEndpoint", **throttle, times=7)  # boto3 itself asks five times
    first = deploy(live)
    confirm_endpoint(live.account, first)
    monkeypatch.setattr("pedigree.artifact.golden.BUSY_SECONDS", 0.5)
    monkeypatch.setattr("pedigree.endpoint.deploy.rehearse", lambda *_, **__: [])
    live.aws.add_fault("sagemaker-runtime", "InvokeEndpoint", **throttle, times=100_000)
    second = registered(live, SECOND)
    with pytest.raises(Throttled, match=r"golden images: .* neither proven nor refuted"):
        deploy_endpoint(live.account, second, SERVING)
    live.aws.clear_faults()
    assert answer(live) == SECOND
    again = deploy_endpoint(live.account, second, SERVING)
    assert (again.outcome, again.previous_config) == ("adopted", first.config)


def test_what_a_killed_rehearsal_left_is_taken_up_or_replaced(live: LiveAccount) -> None:
    first, rehearsal = deploy(live), f"{live.account.project}--rehearsal"
    live.client("sagemaker").create_endpoint(EndpointName=rehearsal, EndpointConfigName=first.config)
    second = deploy(live, SECOND)
    assert (live_config(live), answer(live)) == (("InService", second.config), SECOND)
    assert names(live)["endpoints"] == {first.name}


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        ({"model.json": json.dumps({"classes": [*CLASSES, "more"], "golden_tolerance": 1e-3}).encode()}, "names 3 classes, but no tensor"),
        ({"model.safetensors": weights(2)[:-1]}, r"has \d+ bytes, but its header says \d+"),
        ({"model.safetensors": b"no weights"}, "announce a header"),
        ({"golden/golden.json": b"[]"}, "golden.json does not name each picture"),
        ({"model.json": b"{"}, "model.json cannot be read"),
    ],
    ids=["class count", "short weights", "no weights", "no golden images", "no card"],
)
def test_an_artifact_that_does_not_fit_together_starts_nothing(live: LiveAccount, files: dict[str, bytes], cause: str) -> None:
    with pytest.raises(DeploymentFailed, match=f"{cause}(?s:.*)nothing is deployed"):
        deploy(live, files=files)
    assert names(live) == {"models": set(), "configs": set(), "endpoints": set()}


@pytest.mark.parametrize(
    ("damage", "etag_known", "cause"),
    [
        (lambda body: body[: len(body) // 2], False, "the archive is damaged"),
        (lambda body: body[:60] + bytes(40) + body[100:], False, "the archive is damaged"),
        (lambda body: body[:-1], False, "the archive is damaged"),
        (lambda _: b"", False, "the archive is damaged"),
        (lambda body: body + b" ", True, "it is not the registered object"),
    ],
    ids=["truncated", "corrupt", "one byte short", "empty", "exchanged"],
)
def test_a_damaged_artifact_starts_nothing(live: LiveAccount, damage: Callable[[bytes], bytes], *, etag_known: bool, cause: str) -> None:
    first = deploy(live)
    model = trained(live, SECOND)
    if etag_known:
        version = register_model(live.account, candidate(live, model), SERVING)
        rewrite(live, version.artifact, damage)
    else:
        rewrite(live, model.artifact, damage)
        version = register_model(live.account, candidate(live, model), SERVING)
    with pytest.raises(DeploymentFailed, match=f"{cause}(?s:.*){first.config} serves on"):
        deploy_endpoint(live.account, version, SERVING)
    assert names(live) == only(first)
    assert answer(live) == FIRST


def test_what_trains_cannot_change_what_serves(live: LiveAccount) -> None:
    model, sagemaker = trained(live), live.client("sagemaker")
    version = register_model(live.account, candidate(live, model), SERVING)
    first = deploy_endpoint(live.account, version, SERVING)
    confirm_endpoint(live.account, first)
    rewrite(live, model.artifact, lambda _: archive(SCRIPT.format(logits=[9.0, 9.0]), FIRST, {}))
    wanted = [{"VariantName": first.variant, "DesiredInstanceCount": 2}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=first.name, DesiredWeightsAndCapacities=wanted)
    wait_until(lambda: live_config(live)[0] == "InService", "the second instance did not start")
    assert sagemaker.describe_endpoint(EndpointName=first.name)["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert {answer(live) for _ in range(20)} == {FIRST}
    larger = deploy_endpoint(live.account, version, SERVING.model_copy(update={"instance_type": "ml.m5.xlarge"}))
    assert (larger.outcome, {answer(live) for _ in range(20)}) == ("updated", {FIRST})


def rewrite(live: LiveAccount, artifact: str, change: Callable[[bytes], bytes]) -> None:
    key = artifact.split("/", 3)[3]
    body = live.client("s3").get_object(Bucket=live.account.bucket, Key=key)["Body"].read()
    live.put(key, change(body))


def test_an_update_goes_under_alarms_that_the_deploy_owns(live: LiveAccount) -> None:
    first = deploy(live)
    expected = {f"{first.name}--rollback-5xx", f"{first.name}--rollback-latency"}
    assert alarms(live) == expected
    deploy(live, SECOND)
    asked = live.client("sagemaker").describe_endpoint(EndpointName=first.name)["LastDeploymentConfig"]
    assert {alarm["AlarmName"] for alarm in asked["AutoRollbackConfiguration"]["Alarms"]} == expected
    assert asked["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"
    found = {resource.name: resource for resource in ROLLBACK_ALARM.find(live.account)}
    assert found.keys() == expected
    assert {resource.of for resource in found.values()} == {first.name}


def test_the_live_count_is_kept_and_the_traffic_moves_as_a_canary(live: LiveAccount) -> None:
    first, sagemaker = deploy(live), live.client("sagemaker")
    wanted = [{"VariantName": first.variant, "DesiredInstanceCount": 2}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=first.name, DesiredWeightsAndCapacities=wanted)
    deploy(live, SECOND)
    found = sagemaker.describe_endpoint(EndpointName=first.name)
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    routing = found["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (routing["Type"], routing["CanarySize"]) == ("CANARY", {"Type": "INSTANCE_COUNT", "Value": 1})

"""The champion is found from what is live, and only from that."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pedigree.aws.errors import DeploymentFailed, SpecDiffers
from pedigree.endpoint.champion import find_champion, known_champion
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.endpoint.rollout import Rollout
from pedigree.registry.versions import register_model
from pedigree.values import Champion, Endpoint, ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import BROKEN, SECOND, SERVING, candidate, registered, trained


def deploy(live: LiveAccount, version: ModelVersion) -> Endpoint:
    endpoint = deploy_endpoint(live.account, version, SERVING)
    confirm_endpoint(live.account, endpoint)
    return endpoint


def deploy_by_hand(live: LiveAccount, name: str, version: ModelVersion) -> None:
    """An endpoint under the project's name whose model knows no package."""
    sagemaker = live.client("sagemaker")
    container = {"Image": SERVING.image, "ModelDataUrl": version.artifact}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container)
    variant = {"VariantName": "x", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=live.account.project, EndpointConfigName=name)


def test_without_an_endpoint_there_is_none(live: LiveAccount) -> None:
    assert find_champion(live.account, SERVING) is None


def test_it_is_traced_from_the_endpoint_to_its_training_job(live: LiveAccount) -> None:
    for model in (trained(live), trained(live, SECOND)):
        passed = candidate(live, model)
        version = register_model(live.account, passed, SERVING)
        endpoint = deploy(live, version)
        jobs = (model.job_name, version.artifact, passed.comparison.job_name, model.dataset_key)
        assert find_champion(live.account, SERVING) == Champion(endpoint.name, endpoint.config, endpoint.model, version.arn, *jobs)


def test_what_a_killed_run_put_live_and_never_proved_is_none(live: LiveAccount) -> None:
    first, second = registered(live), registered(live, SECOND)
    unproven = deploy_endpoint(live.account, first, SERVING)
    assert find_champion(live.account, SERVING) is None
    confirm_endpoint(live.account, unproven)
    deploy_endpoint(live.account, second, SERVING)
    champion = find_champion(live.account, SERVING)
    assert champion is not None
    assert champion.config == unproven.config


def test_a_failed_endpoint_has_none(live: LiveAccount) -> None:
    deploy_by_hand(live, f"{live.account.project}--bad", registered(live, script=BROKEN))
    assert find_champion(live.account, SERVING) is None


def test_a_deployment_under_way_is_waited_for(live: LiveAccount) -> None:
    version = registered(live)
    sagemaker, endpoint = live.client("sagemaker"), deploy(live, version)
    sagemaker.delete_endpoint(EndpointName=endpoint.name)
    assert find_champion(live.account, SERVING) is None
    sagemaker.create_endpoint(EndpointName=endpoint.name, EndpointConfigName=endpoint.config)
    champion = find_champion(live.account, SERVING)
    assert champion is not None
    assert champion.package_arn == version.arn


@pytest.mark.parametrize(
    ("name", "cause"),
    [("{}--by-hand", "(is of no package of the project|was made by hand)"), ("somebodys-{}", "is none of this project")],
    ids=["ours", "not ours"],
)
def test_a_model_of_no_package_is_an_error(live: LiveAccount, name: str, cause: str) -> None:
    deploy_by_hand(live, name.format(live.account.project), registered(live))
    with pytest.raises(SpecDiffers, match=cause):
        find_champion(live.account, SERVING)


def test_a_package_that_was_deleted_is_an_error(live: LiveAccount) -> None:
    version = registered(live)
    deploy(live, version)
    live.client("sagemaker").delete_model_package(ModelPackageName=version.arn)
    with pytest.raises(SpecDiffers, match=r"there is none(?s:.*)gate\.against_champion"):
        find_champion(live.account, SERVING)


def test_where_config_and_model_are_gone_the_tag_of_the_endpoint_says_which_package_is_live(live: LiveAccount) -> None:
    version = registered(live)
    endpoint = deploy(live, version)
    delete_by_hand(live, endpoint)
    champion = find_champion(live.account, SERVING)
    assert champion is not None
    assert (champion.config, champion.model, champion.package_arn) == (endpoint.config, "", version.arn)


def test_the_same_model_again_heals_what_somebody_deleted(live: LiveAccount) -> None:
    version = registered(live)
    first = deploy(live, version)
    delete_by_hand(live, first)
    again = deploy(live, version)
    assert (again.config, again.model, again.outcome) == (first.config, first.model, "adopted")
    assert live.client("sagemaker").describe_endpoint_config(EndpointConfigName=first.config)
    assert live.client("sagemaker").describe_model(ModelName=first.model)


def test_a_failed_update_goes_back_to_a_config_that_somebody_deleted(live: LiveAccount) -> None:
    first = deploy(live, registered(live))
    delete_by_hand(live, first)
    with pytest.raises(DeploymentFailed, match=f"{first.config} serves on"):
        deploy_endpoint(live.account, registered(live, SECOND, answers=(9.0, 9.0)), SERVING)
    assert live.client("sagemaker").describe_endpoint_config(EndpointConfigName=first.config)
    assert live.client("sagemaker").describe_endpoint(EndpointName=first.name)["EndpointConfigName"] == first.config


def test_while_an_update_is_under_way_the_proven_model_is_known_at_once(live: LiveAccount) -> None:
    version = registered(live)
    first = deploy(live, version)
    with settling_forbidden():
        champion = known_champion(live.account, SERVING)
    assert champion is not None
    assert (champion.config, champion.package_arn) == (first.config, version.arn)


@contextmanager
def settling_forbidden() -> Iterator[None]:
    """Nothing may wait for the endpoint."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rollout, "settled", None)
        yield


def delete_by_hand(live: LiveAccount, endpoint: Endpoint) -> None:
    live.client("sagemaker").delete_endpoint_config(EndpointConfigName=endpoint.config)
    live.client("sagemaker").delete_model(ModelName=endpoint.model)

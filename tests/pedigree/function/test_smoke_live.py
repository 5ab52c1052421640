"""The smoke test through a real function and a real endpoint."""

import pytest

from pedigree.aws.errors import SmokeTestFailed
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.function.publish import publish_function
from pedigree.function.smoke import smoke_test
from pedigree.settings import Function
from pedigree.values import FunctionVersion, ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, SECOND, SERVING, registered

FUNCTION = Function(reserved_concurrency=2, provisioned_concurrency=0)


@pytest.fixture
def version(live: LiveAccount) -> ModelVersion:
    return registered(live)


@pytest.fixture
def function(live: LiveAccount, version: ModelVersion) -> FunctionVersion:
    """In front of an endpoint that serves the version."""
    return publish_function(live.account, deploy_endpoint(live.account, version, SERVING), FUNCTION, version)


def test_golden_images_come_back_through_the_front_door(live: LiveAccount, version: ModelVersion, function: FunctionVersion) -> None:
    passed = smoke_test(live.account, function, version)
    assert [answer["file"] for answer in passed.predictions] == ["0.jpg", "1.jpg"]
    assert {(answer["label"], answer["predicted"], answer["probability"]) for answer in passed.predictions} == {
        (CLASSES[0], CLASSES[0], 0.9707)
    }


def test_an_endpoint_that_serves_another_model_is_said(live: LiveAccount, version: ModelVersion, function: FunctionVersion) -> None:
    deploy_endpoint(live.account, registered(live, SECOND), SERVING)
    with pytest.raises(SmokeTestFailed, match=r"0\.jpg: class 1 instead of 0, largest logit difference 4.*1\.jpg: class 1 instead of 0"):
        smoke_test(live.account, function, version)


def test_an_endpoint_that_is_gone_is_said(live: LiveAccount, version: ModelVersion, function: FunctionVersion) -> None:
    live.client("sagemaker").delete_endpoint(EndpointName=live.account.project)
    with pytest.raises(SmokeTestFailed, match=r"0\.jpg: .*The model is not in service"):
        smoke_test(live.account, function, version)


def test_a_function_that_may_not_ask_is_said(live: LiveAccount, version: ModelVersion, function: FunctionVersion) -> None:
    live.client("iam").delete_role_policy(RoleName=f"{live.account.project}-function", PolicyName="invoke")
    with pytest.raises(SmokeTestFailed, match=r"0\.jpg: .*statusCode.*502"):
        smoke_test(live.account, function, version)

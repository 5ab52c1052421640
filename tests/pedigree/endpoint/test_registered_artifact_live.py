"""A model package whose artifact is not what was registered and evaluated is not deployed."""

import json

import pytest

from pedigree.aws.errors import DeploymentFailed
from pedigree.endpoint.deploy import deploy_endpoint
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, SERVING, registered


def test_an_artifact_without_a_copy_is_not_deployed(live: LiveAccount) -> None:
    version = registered(live)
    metadata = live.client("sagemaker").describe_model_package(ModelPackageName=version.arn)["CustomerMetadataProperties"]
    live.client("sagemaker").update_model_package(
        ModelPackageArn=version.arn, CustomerMetadataPropertiesToRemove=[name for name in metadata if "sha256" in name]
    )
    with pytest.raises(
        DeploymentFailed, match=r"registered by an earlier release(?s:.*)nothing is deployed(?s:.*)train or register it again"
    ):
        deploy_endpoint(live.account, version, SERVING)


def test_classes_in_another_order_are_not_deployed(live: LiveAccount) -> None:
    permuted = {"model.json": json.dumps({"classes": CLASSES[::-1], "golden_tolerance": 1e-3}).encode()}
    with pytest.raises(DeploymentFailed, match="its 2 classes are not those that were evaluated, or in another order"):
        deploy_endpoint(live.account, registered(live, files=permuted), SERVING)

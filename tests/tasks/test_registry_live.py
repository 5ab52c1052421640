"""The model registry: one approved version a model, whatever happens on the way."""

from typing import Any

import pytest

from tasks.registry import register_model
from tasks.settings import Serving
from tests.tasks.live_account import LiveAccount
from tests.tasks.small_models import SERVING, candidate, trained


def versions(live: LiveAccount) -> list[dict[str, Any]]:
    """Every version of the project's group, oldest first."""
    sagemaker = live.client("sagemaker")
    found = sagemaker.list_model_packages(ModelPackageGroupName=live.account.project)["ModelPackageSummaryList"]
    described = [sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"]) for summary in found]
    return sorted(described, key=lambda version: int(version["ModelPackageVersion"]))


def test_a_version_is_created_approved_and_then_adopted(live: LiveAccount) -> None:
    model = candidate(trained(live))
    first = register_model.fn(live.account, model, SERVING)
    again = register_model.fn(live.account, model, SERVING)
    assert (first.outcome, again.outcome, again.arn) == ("created", "adopted", first.arn)
    (version,) = versions(live)
    assert (version["ModelPackageArn"], version["ModelApprovalStatus"]) == (first.arn, "Approved")
    assert version["CustomerMetadataProperties"]["pedigree-key"] == first.key
    assert version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == first.artifact == model.model.artifact
    assert live.writes() == ["sagemaker:CreateModelPackageGroup", "sagemaker:CreateModelPackage"]


def test_the_one_found_is_the_one_with_the_key(live: LiveAccount) -> None:
    models = [candidate(trained(live)) for _ in range(3)]
    arns = [register_model.fn(live.account, model, SERVING).arn for model in models]
    assert [register_model.fn(live.account, model, SERVING).arn for model in models] == arns
    other_image = register_model.fn(live.account, models[0], Serving(image="local/pedigree-serving:1"))
    assert (other_image.outcome, len(versions(live))) == ("created", 4)


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceUnavailable", "status": 503}], ids=["dropped", "503"])
def test_lost_answers_leave_one_version(live: LiveAccount, loss: dict[str, Any]) -> None:
    for operation in ("CreateModelPackageGroup", "CreateModelPackage"):
        live.aws.add_fault("sagemaker", operation, when="after", **loss)
    registered = register_model.fn(live.account, candidate(trained(live)), SERVING)
    assert [version["ModelPackageArn"] for version in versions(live)] == [registered.arn]

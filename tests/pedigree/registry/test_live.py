"""The model registry: one approved version a model, whatever happens on the way."""

from dataclasses import replace
from typing import Any

import pytest

from pedigree.aws.errors import GateRefused, InvalidInput
from pedigree.registry.versions import decide_on_model, register_model
from pedigree.settings import Serving
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import SERVING, candidate, trained


def versions(live: LiveAccount) -> list[dict[str, Any]]:
    """Every version of the project's group, oldest first."""
    sagemaker = live.client("sagemaker")
    found = sagemaker.list_model_packages(ModelPackageGroupName=live.account.project)["ModelPackageSummaryList"]
    described = [sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"]) for summary in found]
    return sorted(described, key=lambda version: int(version["ModelPackageVersion"]))


def test_a_version_is_created_approved_and_then_adopted(live: LiveAccount) -> None:
    model = candidate(trained(live))
    first = register_model(live.account, model, SERVING)
    again = register_model(live.account, model, SERVING)
    assert (first.outcome, again.outcome, again.arn) == ("created", "adopted", first.arn)
    (version,) = versions(live)
    assert (version["ModelPackageArn"], version["ModelApprovalStatus"]) == (first.arn, "Approved")
    metadata = version["CustomerMetadataProperties"]
    assert (metadata["pedigree-key"], metadata["pedigree-dataset"], metadata["pedigree-flow-run"]) == (first.key, "da7a", "none")
    assert version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == first.artifact == model.model.artifact
    assert live.writes() == ["sagemaker:CreateModelPackageGroup", "sagemaker:CreateModelPackage"]


def test_the_one_found_is_the_one_with_the_key(live: LiveAccount) -> None:
    models = [candidate(trained(live)) for _ in range(3)]
    arns = [register_model(live.account, model, SERVING).arn for model in models]
    assert [register_model(live.account, model, SERVING).arn for model in models] == arns
    other_image = register_model(live.account, models[0], Serving(image="local/pedigree-serving:1"))
    assert (other_image.outcome, len(versions(live))) == ("created", 4)


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceUnavailable", "status": 503}], ids=["dropped", "503"])
def test_lost_answers_leave_one_version(live: LiveAccount, loss: dict[str, Any]) -> None:
    for operation in ("CreateModelPackageGroup", "CreateModelPackage"):
        live.aws.add_fault("sagemaker", operation, when="after", **loss)
    registered = register_model(live.account, candidate(trained(live)), SERVING)
    assert [version["ModelPackageArn"] for version in versions(live)] == [registered.arn]


def test_only_versions_of_the_same_job_are_looked_at(live: LiveAccount) -> None:
    models = [candidate(trained(live)) for _ in range(3)]
    for model in models:
        register_model(live.account, model, SERVING)
    before = len(live.calls())
    assert register_model(live.account, models[0], SERVING).outcome == "adopted"
    assert [entry.action for entry in live.calls()[before:]].count("sagemaker:DescribeModelPackage") == 1


def test_a_version_waits_until_a_person_approves_it(live: LiveAccount) -> None:
    model = candidate(trained(live))
    waiting = register_model(live.account, model, SERVING, wait_for_approval=True)
    assert (waiting.approved, waiting.outcome) == (False, "created")
    assert register_model(live.account, model, SERVING, wait_for_approval=True) == replace(waiting, outcome="adopted")
    with pytest.raises(GateRefused, match="flow `approve`"):
        register_model(live.account, model, SERVING)
    decided = decide_on_model(live.account, waiting.arn, approved=True, approver="Ada", reason="it knows its boxers")
    assert decided == replace(waiting, outcome="updated", approved=True)
    (version,) = versions(live)
    assert (version["ModelApprovalStatus"], version["ApprovalDescription"]) == ("Approved", "Ada: it knows its boxers")
    metadata = version["CustomerMetadataProperties"]
    assert (metadata["pedigree-key"], metadata["pedigree-approver"]) == (waiting.key, "Ada")
    for wait in (False, True):
        assert register_model(live.account, model, SERVING, wait_for_approval=wait) == replace(decided, outcome="adopted")


def test_the_same_decision_again_changes_nothing(live: LiveAccount) -> None:
    waiting = register_model(live.account, candidate(trained(live)), SERVING, wait_for_approval=True)
    live.aws.add_fault("sagemaker", "UpdateModelPackage", when="after", drop=True)
    outcomes = [decide_on_model(live.account, waiting.arn, approved=False, approver="Ada", reason="").outcome for _ in range(2)]
    assert outcomes == ["updated", "adopted"]


def test_a_rejected_version_stays_refused_until_somebody_approves_it(live: LiveAccount) -> None:
    model = candidate(trained(live))
    waiting = register_model(live.account, model, SERVING, wait_for_approval=True)
    assert not decide_on_model(live.account, waiting.arn, approved=False, approver="Ada", reason="it barks").approved
    for wait in (False, True):
        with pytest.raises(GateRefused, match="Rejected: Ada: it barks"):
            register_model(live.account, model, SERVING, wait_for_approval=wait)
    decide_on_model(live.account, waiting.arn, approved=True, approver="Grace", reason="it may")
    assert register_model(live.account, model, SERVING).approved


def test_nobody_decides_about_a_version_that_is_gone(live: LiveAccount) -> None:
    waiting = register_model(live.account, candidate(trained(live)), SERVING, wait_for_approval=True)
    live.client("sagemaker").delete_model_package(ModelPackageName=waiting.arn)
    with pytest.raises(InvalidInput, match="there is no such model package"):
        decide_on_model(live.account, waiting.arn, approved=True, approver="Ada", reason="")

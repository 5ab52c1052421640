"""What a person decided about a version is kept."""

from typing import Any

import pytest

from pedigree.aws.errors import GateRefused, InvalidInput
from pedigree.registry.model_package import decision_request
from pedigree.registry.versions import describe_version, require_adoptable
from tests.pedigree.training.test_requests import ACCOUNT

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/1"


def package(status: str) -> dict[str, Any]:
    return {"ModelPackageArn": ARN, "ModelApprovalStatus": status, "ApprovalDescription": "it barks"}


@pytest.mark.parametrize("wait_for_approval", [False, True])
def test_a_rejected_version_is_never_adopted(*, wait_for_approval: bool) -> None:
    with pytest.raises(GateRefused, match="Rejected: it barks"):
        require_adoptable(package("Rejected"), wait_for_approval=wait_for_approval)


def test_a_version_that_waits_is_adopted_only_by_those_who_wait() -> None:
    require_adoptable(package("PendingManualApproval"), wait_for_approval=True)
    with pytest.raises(GateRefused, match=r"has yet to decide(?s:.*)flow `approve`"):
        require_adoptable(package("PendingManualApproval"), wait_for_approval=False)


@pytest.mark.parametrize("wait_for_approval", [False, True])
def test_an_approved_one_is_adopted_in_any_case(*, wait_for_approval: bool) -> None:
    require_adoptable(package("Approved"), wait_for_approval=wait_for_approval)


def test_a_decision_keeps_the_metadata_and_adds_who_made_it() -> None:
    found = {**package("PendingManualApproval"), "CustomerMetadataProperties": {"pedigree-key": "k"}}
    request = decision_request(found, approved=False, approver="Seán O'Brien (ops)", reason="beagles\n are no boxers")
    assert request == {
        "ModelPackageArn": ARN,
        "ModelApprovalStatus": "Rejected",
        "ApprovalDescription": "Seán O'Brien (ops): beagles are no boxers",
        "CustomerMetadataProperties": {"pedigree-key": "k", "pedigree-approver": "Seán O Brien ops"},
    }


def test_a_decision_without_a_reason_says_so_and_a_long_one_fits() -> None:
    assert decision_request(package("Rejected"), approved=True, approver="Ada", reason="")["ApprovalDescription"] == "Ada: no reason given"
    assert len(decision_request(package("Rejected"), approved=True, approver="Ada", reason="x" * 2000)["ApprovalDescription"]) == 1024


@pytest.mark.parametrize("arn", [ARN.replace("pedigree/", "pedigree-2/"), "arn:aws:iam::123456789012:role/pedigree", "pedigree/1"])
def test_another_projects_version_is_not_even_looked_at(arn: str) -> None:
    nobody: Any = None
    with pytest.raises(InvalidInput, match="no model package of the project pedigree"):
        describe_version(nobody, ACCOUNT, arn)

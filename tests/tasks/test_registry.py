"""What a person decided about a version is kept."""

import pytest

from tasks.aws.errors import GateRefused
from tasks.registry import require_approved


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_a_version_that_is_not_approved_is_not_adopted(status: str) -> None:
    package = {"ModelPackageArn": "arn:package/1", "ModelApprovalStatus": status, "ApprovalDescription": "it barks"}
    with pytest.raises(GateRefused, match=f"{status}: it barks"):
        require_approved(package)


def test_an_approved_one_is() -> None:
    require_approved({"ModelPackageArn": "arn:package/1", "ModelApprovalStatus": "Approved"})

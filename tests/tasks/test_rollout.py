"""What an endpoint that is there already means for a deployment."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from prefect.logging import disable_run_logger

from tasks.aws.errors import SpecDiffers
from tasks.deployment.endpoint import Rollout
from tasks.values import Account

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
WANTED = "pets-config-2"


class SageMaker:
    """One endpoint that goes through `statuses` as it is described, and stays in the last one; None says that there is none."""

    def __init__(self, *statuses: str | None, config: str = "pets-config-1") -> None:
        self.statuses, self.config = list(statuses), config
        self.changes: list[str] = []

    def describe_endpoint(self, **_name: str) -> dict[str, Any]:
        status = self.statuses[0] if len(self.statuses) == 1 else self.statuses.pop(0)
        if status is None:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "Could not find endpoint"}}, "DescribeEndpoint")
        return {"EndpointStatus": status, "EndpointConfigName": self.config}

    def create_endpoint(self, **request: Any) -> None:
        self.changes.append("create")
        self.statuses, self.config = ["InService"], request["EndpointConfigName"]

    def update_endpoint(self, **request: Any) -> None:
        self.changes.append("update")
        self.statuses, self.config = ["InService"], request["EndpointConfigName"]

    def delete_endpoint(self, **_name: str) -> None:
        self.changes.append("delete")
        self.statuses = [None]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with disable_run_logger():
        yield


@pytest.mark.parametrize(
    ("statuses", "changes", "outcome"),
    [
        ([None], ["create"], "created"),
        (["Deleting", None], ["create"], "created"),
        (["Failed"], ["delete", "create"], "created"),
        (["InService"], ["update"], "updated"),
        (["SystemUpdating", "InService"], ["update"], "updated"),
        (["RollingBack", "UpdateRollbackFailed"], ["update"], "updated"),
    ],
)
def test_whatever_is_under_way_is_waited_for(statuses: list[str | None], changes: list[str], outcome: str) -> None:
    sagemaker = SageMaker(*statuses)
    assert Rollout(sagemaker, ACCOUNT, "pets").bring_live(WANTED)[1] == outcome
    assert (sagemaker.changes, sagemaker.config) == (changes, WANTED)


@pytest.mark.parametrize("status", ["InService", "Failed"])
def test_an_endpoint_of_somebody_else_is_left_alone(status: str) -> None:
    sagemaker = SageMaker(status, config="theirs")
    with pytest.raises(SpecDiffers, match="serves the config theirs"):
        Rollout(sagemaker, ACCOUNT, "pets").bring_live(WANTED)
    assert sagemaker.changes == []

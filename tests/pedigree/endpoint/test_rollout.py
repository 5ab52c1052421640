"""What an endpoint that is there already means for a deployment."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from prefect.logging import disable_run_logger

from pedigree.aws.errors import SpecDiffers
from pedigree.endpoint.rollout import Rollout
from pedigree.values import Account

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
WANTED = "pets--config-2"


class SageMaker:
    """One endpoint that goes through `statuses` as it is described, and stays in the last one; None says that there is none."""

    def __init__(self, *statuses: str | None, config: str = "pets--config-1", busy: int = 0) -> None:
        self.statuses, self.config = list(statuses), config
        self.busy = busy  # updates that are refused because another one is under way
        self.changes: list[str] = []

    def describe_endpoint(self, **_name: str) -> dict[str, Any]:
        status = self.statuses[0] if len(self.statuses) == 1 else self.statuses.pop(0)
        if status is None:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "Could not find endpoint"}}, "DescribeEndpoint")
        return {
            "EndpointStatus": status,
            "EndpointConfigName": self.config,
            "ProductionVariants": [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}],
        }

    def describe_endpoint_config(self, **_name: str) -> dict[str, Any]:
        return {"ProductionVariants": [{"VariantName": "AllTraffic", "InstanceType": "ml.m5.large"}]}

    def update_endpoint(self, **request: Any) -> None:
        self.changes.append("update")
        if self.busy:
            self.busy -= 1
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "Cannot update in-progress endpoint"}}, "UpdateEndpoint")
        self.config = request["EndpointConfigName"]

    def delete_endpoint(self, **_name: str) -> None:
        self.changes.append("delete")
        self.statuses = [None]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with disable_run_logger():
        yield


@pytest.mark.parametrize(
    ("statuses", "changes", "status"),
    [
        ([None], [], None),
        (["Deleting", None], [], None),
        (["Failed"], ["delete"], None),
        (["InService"], [], "InService"),
        (["SystemUpdating", "InService"], [], "InService"),
        (["RollingBack", "UpdateRollbackFailed"], [], "UpdateRollbackFailed"),
    ],
)
def test_whatever_is_under_way_is_waited_for(statuses: list[str | None], changes: list[str], status: str | None) -> None:
    sagemaker: Any = SageMaker(*statuses)
    found = Rollout(sagemaker, ACCOUNT, "pets").present()
    assert (found and found["EndpointStatus"], sagemaker.changes) == (status, changes)


@pytest.mark.parametrize(
    ("config", "instances", "scaled", "problems"),
    [(WANTED, 3, "", 0), (WANTED, 4, "", 1), (WANTED, 4, "scaled", 0), ("pets--config-1", 3, "", 1)],
)
def test_it_is_live_with_the_wanted_config_and_no_fewer_instances(
    monkeypatch: pytest.MonkeyPatch, config: str, instances: int, scaled: str, problems: int
) -> None:
    monkeypatch.setattr("pedigree.endpoint.rollout.has_scaled", lambda *_, since: bool(scaled and since))
    sagemaker: Any = SageMaker("InService", config=config)
    assert len(Rollout(sagemaker, ACCOUNT, "pets").problems(WANTED, instances)) == problems


@pytest.mark.parametrize("status", ["InService", "Failed"])
def test_an_endpoint_of_somebody_else_is_left_alone(status: str) -> None:
    sagemaker: Any = SageMaker(status, config="theirs")
    with pytest.raises(SpecDiffers, match="serves the config theirs"):
        Rollout(sagemaker, ACCOUNT, "pets").present()
    assert sagemaker.changes == []


@pytest.mark.parametrize(("busy", "config"), [(0, WANTED), (2, WANTED), (9, "pets--config-1")])
def test_autoscaling_that_is_at_work_is_waited_for(busy: int, config: str) -> None:
    sagemaker: Any = SageMaker("InService", busy=busy)
    Rollout(sagemaker, ACCOUNT, "pets").update(WANTED)
    assert (sagemaker.config, len(sagemaker.changes)) == (config, min(busy + 1, 3))

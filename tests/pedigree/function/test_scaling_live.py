"""Autoscaling of what is kept warm: it follows the version behind the alias, keeps what it has reached, and leaves nothing behind."""

from typing import Any

import pytest

from pedigree.aws.resources.table import PROVISIONED_TARGET
from pedigree.function.publish import confirm_function, publish_function, restore_function
from pedigree.settings import Function, ProvisionedSchedule
from pedigree.values import Endpoint, FunctionVersion, ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until

MODEL = ModelVersion("arn:package/1", "k", "s3://nowhere/model.tar.gz", "created")
NIGHT = ProvisionedSchedule(name="night", when="cron(0 22 * * ? *)", lowest=2, highest=2)


def scaled(**more: Any) -> Function:
    return Function(**{"reserved_concurrency": 6, "provisioned_concurrency": 1, "max_provisioned_concurrency": 3, **more})


class Warmed:
    """The function of an account, and what Application Auto Scaling has of it."""

    def __init__(self, live: LiveAccount) -> None:
        self.live, self.name = live, live.account.project
        self.scaling = live.client("application-autoscaling")

    def publish(self, function: Function) -> FunctionVersion:
        endpoint = Endpoint(self.name, "config", "AllTraffic", "model", "created")
        return publish_function(self.live.account, endpoint, function, MODEL)

    def targets(self) -> dict[str, tuple[int, int]]:
        """{version: (lowest, highest)} of the account's functions of this name."""
        found = self.scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
        mine = [target for target in found if target["ResourceId"].startswith(f"function:{self.name}:")]
        return {target["ResourceId"].rsplit(":", 1)[-1]: (target["MinCapacity"], target["MaxCapacity"]) for target in mine}

    def acting(self) -> list[str]:
        """The versions whose target is not suspended."""
        found = self.scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
        mine = [target for target in found if target["ResourceId"].startswith(f"function:{self.name}:")]
        return [target["ResourceId"].rsplit(":", 1)[-1] for target in mine if not any(target.get("SuspendedState", {}).values())]

    def alarms(self) -> list[str]:
        found = self.live.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-function:{self.name}:")
        return [alarm["AlarmName"].split(":")[2].split("-")[0] for alarm in found["MetricAlarms"]]

    def warm(self) -> dict[str, int]:
        found = self.live.client("lambda").list_provisioned_concurrency_configs(FunctionName=self.name)["ProvisionedConcurrencyConfigs"]
        return {config["FunctionArn"].rsplit(":", 1)[-1]: config["AvailableProvisionedConcurrentExecutions"] for config in found}

    def set_limits(self, version: str, lowest: int, highest: int) -> None:
        self.scaling.register_scalable_target(
            ServiceNamespace="lambda",
            ScalableDimension="lambda:function:ProvisionedConcurrency",
            ResourceId=f"function:{self.name}:{version}",
            MinCapacity=lowest,
            MaxCapacity=highest,
        )


@pytest.fixture
def warmed(live: LiveAccount) -> Warmed:
    return Warmed(live)


def test_a_redeploy_keeps_what_scaling_has_reached_and_moves_its_target(warmed: Warmed) -> None:
    function = scaled(provisioned_schedules=(NIGHT,))
    warmed.publish(function)
    assert (warmed.targets(), warmed.alarms(), warmed.warm()) == ({"1": (1, 3)}, ["1", "1"], {"1": 1})
    before = warmed.live.writes()
    assert warmed.publish(function).outcome == "adopted"
    assert warmed.live.writes() == before
    warmed.set_limits("1", NIGHT.lowest, NIGHT.highest)  # as the schedule does at its time
    wait_until(lambda: warmed.warm() == {"1": 2}, "autoscaling does nothing")
    second = warmed.publish(scaled(provisioned_schedules=(NIGHT,), timeout_seconds=20))
    assert (warmed.acting(), warmed.warm()) == (["2"], {"2": 2})
    confirm_function(warmed.live.account, second)
    assert (second.version, warmed.targets(), warmed.warm()) == ("2", {"2": (2, 2)}, {"2": 2})
    assert warmed.alarms() == ["2", "2"]
    assert warmed.scaling.describe_scheduled_actions(ServiceNamespace="lambda")["ScheduledActions"][0]["ResourceId"].endswith(":2")


def test_it_ends_as_it_is_asked_for_and_with_a_function_that_goes_back(warmed: Warmed) -> None:
    warmed.publish(scaled())
    still = warmed.publish(scaled(max_provisioned_concurrency=None))
    assert (still.version, still.outcome, warmed.targets(), warmed.alarms(), warmed.warm()) == ("1", "updated", {}, [], {"1": 1})
    second = warmed.publish(scaled(timeout_seconds=20))
    assert (warmed.targets(), len(warmed.alarms())) == ({"2": (1, 3)}, 2)
    restore_function(warmed.live.account, second.name)
    assert (warmed.targets(), warmed.alarms(), warmed.warm()) == ({}, [], {"1": 1})


def test_a_version_that_comes_back_has_its_target_back(warmed: Warmed) -> None:
    confirm_function(warmed.live.account, warmed.publish(scaled(provisioned_schedules=(NIGHT,))))
    second = warmed.publish(scaled(timeout_seconds=20, provisioned_concurrency=3))
    assert (warmed.targets(), warmed.acting(), warmed.warm()) == ({"1": (1, 3), "2": (3, 3)}, ["2"], {"2": 3})
    restore_function(warmed.live.account, second.name)
    assert (warmed.targets(), warmed.acting(), warmed.warm()) == ({"1": (1, 3)}, ["1"], {"1": 1})
    assert warmed.alarms() == ["1", "1"]
    found = warmed.scaling.describe_scheduled_actions(ServiceNamespace="lambda", ResourceId=f"function:{warmed.name}:1")
    assert [action["ScheduledActionName"] for action in found["ScheduledActions"]] == ["night"]
    warmed.set_limits("1", 2, 3)
    wait_until(lambda: warmed.warm() == {"1": 2}, "autoscaling does nothing")
    before = warmed.live.writes()
    restore_function(warmed.live.account, second.name)
    assert (warmed.live.writes(), warmed.warm()) == (before, {"1": 2})


def test_teardown_finds_the_target_and_takes_its_alarms_along(warmed: Warmed) -> None:
    warmed.publish(scaled())
    (target,) = PROVISIONED_TARGET.find(warmed.live.account)
    assert (target.name, target.of) == (f"function:{warmed.name}:1", warmed.name)
    PROVISIONED_TARGET.delete(warmed.live.account, target.name)
    PROVISIONED_TARGET.delete(warmed.live.account, target.name)
    assert (warmed.targets(), warmed.alarms()) == ({}, [])

"""Autoscaling of provisioned concurrency acts on what a function's version really does, on a schedule, and as AWS demands."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab.running_aws import RunningAws
from tests.local_aws.deployed import Deployed, Deployer, wait_until

SPEED = 300  # a minute of AWS passes in a fifth of a second
DIMENSION = "lambda:function:ProvisionedConcurrency"
BUSY = "import time\ndef handler(event, context):\n    time.sleep(event)\n"
TRACKING = {"TargetValue": 0.7, "PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}}


@dataclass(frozen=True)
class Scaled:
    """A published version with one warm environment, as a scalable target."""

    function: Deployed
    version: str
    scaling: Any
    cloudwatch: Any

    @property
    def named(self) -> dict[str, str]:
        return {
            "ServiceNamespace": "lambda",
            "ResourceId": f"function:{self.function.name}:{self.version}",
            "ScalableDimension": DIMENSION,
        }

    def track(self) -> list[str]:
        """Names of the alarms."""
        policy = self.scaling.put_scaling_policy(
            **self.named, PolicyName="utilization", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=TRACKING
        )
        return [alarm["AlarmName"] for alarm in policy["Alarms"]]

    @property
    def warm(self) -> int:
        config = self.function.provisioned(self.version)
        return int(config["AvailableProvisionedConcurrentExecutions"]) if config["Status"] == "READY" else 0

    @contextmanager
    def traffic(self, callers: int, *, busy: float, pause: float) -> Iterator[None]:
        stop = threading.Event()

        def call() -> None:
            while not stop.wait(pause):
                self.function.invoke(busy, self.version)

        with ThreadPoolExecutor(callers) as pool:
            calling = [pool.submit(call) for _ in range(callers)]
            try:
                yield
            finally:
                stop.set()
        for caller in calling:
            caller.result()


@pytest.fixture
def scaled(deploy: Deployer, aws: RunningAws) -> Iterator[Scaled]:
    aws.control("POST", "pace", {"speed": SPEED})
    function = deploy(BUSY)
    version = function.publish()
    function.provision(version, 1)
    scaling = aws.client("application-autoscaling")
    target = Scaled(function, version, scaling, aws.client("cloudwatch"))
    scaling.register_scalable_target(**target.named, MinCapacity=1, MaxCapacity=3)
    yield target
    aws.control("DELETE", "pace")
    if scaling.describe_scalable_targets(ServiceNamespace="lambda", ResourceIds=[target.named["ResourceId"]])["ScalableTargets"]:
        scaling.deregister_scalable_target(**target.named)


def test_utilization_warms_more_environments_and_lets_them_go_and_says_why(scaled: Scaled) -> None:
    alarms = scaled.track()
    assert {alarm["Dimensions"][1]["Value"] for alarm in scaled.cloudwatch.describe_alarms(AlarmNames=alarms)["MetricAlarms"]} == {
        f"{scaled.function.name}:{scaled.version}"
    }
    with scaled.traffic(4, busy=0.1, pause=0.01):
        wait_until(lambda: scaled.warm == 3)
    with scaled.traffic(1, busy=0.0, pause=0.1):
        wait_until(lambda: scaled.warm == 2)  # one of two is under the target, one of one would be over it
    activities = scaled.scaling.describe_scaling_activities(ServiceNamespace="lambda", ResourceId=scaled.named["ResourceId"])
    done = [(activity["Description"], "AlarmHigh" in activity["Cause"]) for activity in activities["ScalingActivities"]]
    assert done[0] == ("Setting provisioned concurrency to 2.", False)
    assert ("Setting provisioned concurrency to 3.", True) in done
    scaled.scaling.deregister_scalable_target(**scaled.named)
    assert scaled.cloudwatch.describe_alarms(AlarmNames=alarms)["MetricAlarms"] == []


def test_a_schedule_and_new_limits_change_what_is_warm_as_a_service_linked_role(scaled: Scaled, aws: RunningAws) -> None:
    scaled.scaling.put_scheduled_action(
        **scaled.named, ScheduledActionName="morning", Schedule="rate(2 minutes)", ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 4}
    )
    wait_until(lambda: scaled.warm == 2)
    scaled.scaling.delete_scheduled_action(**scaled.named, ScheduledActionName="morning")
    scaled.scaling.register_scalable_target(**scaled.named, MinCapacity=1, MaxCapacity=1)
    wait_until(lambda: scaled.warm == 1)
    puts = [entry for entry in aws.journal() if entry.action == "lambda:PutProvisionedConcurrencyConfig"]
    assert puts[-1].principal.endswith(
        "lambda.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
    )


def test_latest_nowhere_and_what_is_of_another_service_are_no_targets(scaled: Scaled) -> None:
    wrong = scaled.scaling.exceptions.ValidationException
    for resource in (f"function:{scaled.function.name}:$LATEST", f"function:{scaled.function.name}:9", f"function:{scaled.function.name}"):
        with pytest.raises(wrong):
            scaled.scaling.register_scalable_target(**{**scaled.named, "ResourceId": resource}, MinCapacity=1, MaxCapacity=1)
    with pytest.raises(wrong, match="Unsupported service namespace"):
        scaled.scaling.register_scalable_target(**{**scaled.named, "ServiceNamespace": "sagemaker"}, MinCapacity=1, MaxCapacity=1)


def test_a_look_that_fails_is_taken_again_and_ends_no_scaling(scaled: Scaled, aws: RunningAws) -> None:
    aws.add_fault("lambda", "GetProvisionedConcurrencyConfig", code="AccessDeniedException", status=403, times=3)
    scaled.scaling.register_scalable_target(**scaled.named, MinCapacity=2, MaxCapacity=2)
    wait_until(lambda: not aws.control("GET", "faults"))
    wait_until(lambda: scaled.warm == 2)

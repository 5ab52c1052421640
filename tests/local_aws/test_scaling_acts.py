"""Autoscaling acts on the traffic that an endpoint really gets: a ramp takes it from 1 instance to 3 and back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import SCRIPT, Hosted, make_hosted

SPEED = 120  # a minute of AWS passes in half a second
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
BURN = SCRIPT.replace(
    'if sent == "raise"', 'if sent == "burn":\n        while time.process_time() % 0.2 < 0.19: pass\n    if sent == "raise"'
)
TRACKING = {
    "TargetValue": 1.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 300,
}


@dataclass(frozen=True)
class Scaled:
    """An endpoint whose one variant is a scalable target."""

    hosted: Hosted
    name: str
    scaling: Any

    @property
    def named(self) -> dict[str, str]:
        return {"ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{self.name}/variant/main", "ScalableDimension": DIMENSION}

    def register(self, lowest: int = 1, highest: int = 3) -> None:
        self.scaling.register_scalable_target(**self.named, MinCapacity=lowest, MaxCapacity=highest)

    def track(self) -> None:
        self.scaling.put_scaling_policy(
            **self.named, PolicyName="tracking", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=TRACKING
        )

    def step(self, name: str, change: int, threshold: float, comparison: str) -> None:
        """A step policy and its alarm on the variant's CPU."""
        bound = "MetricIntervalLowerBound" if change > 0 else "MetricIntervalUpperBound"
        config = {
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{bound: 0.0, "ScalingAdjustment": change}],
            "Cooldown": 300,
            "MetricAggregationType": "Average",
        }
        policy = self.scaling.put_scaling_policy(
            **self.named, PolicyName=name, PolicyType="StepScaling", StepScalingPolicyConfiguration=config
        )
        self.hosted.aws.client("cloudwatch").put_metric_alarm(
            AlarmName=f"{self.name}-{name}",
            Namespace="/aws/sagemaker/Endpoints",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "EndpointName", "Value": self.name}, {"Name": "VariantName", "Value": "main"}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=2,
            Threshold=threshold,
            ComparisonOperator=comparison,
            AlarmActions=[policy["PolicyARN"]],
        )

    @property
    def count(self) -> int:
        """Instances that answer, once no change is under way."""
        described = self.hosted.describe(self.name)
        settled = described["EndpointStatus"] == "InService"
        return int(described["ProductionVariants"][0]["CurrentInstanceCount"]) if settled else 0

    def becomes(self, count: int) -> None:
        wait_until(lambda: self.count == count, f"never {count} instances: {self.causes()}", pause=0.2)

    def activities(self, **options: Any) -> list[dict[str, Any]]:
        """Oldest first."""
        return list(self.scaling.describe_scaling_activities(**self.named, **options)["ScalingActivities"])[::-1]

    def causes(self) -> list[str]:
        return [f"{activity['Description']} {activity['Cause']}" for activity in self.activities()]

    @contextmanager
    def traffic(self, sent: str, *, pause: float) -> Iterator[list[BaseException]]:
        """Two clients that ask all the time; the errors they got."""
        stop, errors = threading.Event(), list[BaseException]()

        def ask() -> None:
            while not stop.wait(pause):
                try:
                    self.hosted.ask(self.name, sent)
                except (ClientError, BotoCoreError) as error:
                    errors.append(error)

        clients = [threading.Thread(target=ask) for _ in range(2)]
        for client in clients:
            client.start()
        try:
            yield errors
        finally:
            stop.set()
            for client in clients:
                client.join()


@pytest.fixture
def scaled(aws: RunningAws) -> Iterator[Scaled]:
    hosted = make_hosted(aws)
    scaled = Scaled(hosted, hosted.endpoint(hosted.config_of(script=BURN)), aws.client("application-autoscaling"))
    scaled.register()
    aws.control("POST", "pace", {"speed": SPEED})
    yield scaled
    aws.control("DELETE", "pace")
    if scaled.scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[scaled.named["ResourceId"]])["ScalableTargets"]:
        scaled.scaling.deregister_scalable_target(**scaled.named)
    hosted.settled(scaled.name)
    hosted.delete(scaled.name)


def test_target_tracking_follows_a_ramp_and_a_redeploy_keeps_the_count(scaled: Scaled) -> None:
    scaled.track()
    with scaled.traffic("hello", pause=0.02) as errors:
        scaled.becomes(3)
        config = scaled.hosted.config_of("two", BURN)
        scaled.hosted.update(scaled.name, config, RetainAllVariantProperties=True)
        assert scaled.count == 3
    scaled.becomes(1)
    assert errors == []
    out, back = scaled.activities()[0], scaled.activities()[-1]
    assert out["Cause"].startswith(f"monitor alarm TargetTracking-endpoint/{scaled.name}/variant/main-AlarmHigh-")
    assert out["Cause"].endswith("in state ALARM triggered policy tracking")
    assert ("AlarmLow" in back["Cause"], back["Description"]) == (True, "Setting desired instance count to 1.")
    wait_until(lambda: {activity["StatusCode"] for activity in scaled.activities()} == {"Successful"}, f"{scaled.activities()}")
    by = {entry.principal for entry in scaled.hosted.aws.journal() if entry.action == "sagemaker:UpdateEndpointWeightsAndCapacities"}
    assert any(principal.endswith("AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint") for principal in by)


def test_step_scaling_follows_the_cpu(scaled: Scaled) -> None:
    scaled.step("out", 2, 15.0, "GreaterThanOrEqualToThreshold")
    scaled.step("in", -1, 8.0, "LessThanThreshold")
    with scaled.traffic("burn", pause=0.001) as errors:
        scaled.becomes(3)
    scaled.becomes(1)
    assert errors == []
    assert [activity["Description"] for activity in scaled.activities()] == [f"Setting desired instance count to {n}." for n in (3, 2, 1)]
    wait_until(lambda: "NotScaledReasons" in scaled.activities(IncludeNotScaledActivities=True)[-1])  # after the last step in
    assert scaled.activities(IncludeNotScaledActivities=True)[-1]["NotScaledReasons"][0]["Code"] == "AlreadyAtMinCapacity"


def test_a_scheduled_action_moves_the_limits_and_with_them_the_count(scaled: Scaled) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).replace(microsecond=0) + timedelta(seconds=1)
    scaled.scaling.put_scheduled_action(
        **scaled.named,
        ScheduledActionName="morning",
        Schedule=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 4},
    )
    scaled.becomes(2)
    assert scaled.causes()[0] == "Setting min capacity to 2 and max capacity to 4 scheduled action name morning was triggered"
    scaled.scaling.deregister_scalable_target(**scaled.named)
    assert scaled.scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"] == []

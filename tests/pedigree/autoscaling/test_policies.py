"""What autoscaling is asked for, and what there is already means for a new wish."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.autoscaling.policies import policies, rule_of
from pedigree.autoscaling.variant import ScaledVariant, deregister_autoscaling
from pedigree.settings import Autoscaling, CpuStep, Schedule
from pedigree.values import Account, Endpoint

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
ENDPOINT = Endpoint("pets", "config", "AllTraffic", "model", "created")


class Scaling:
    """One policy, described with the defaults that AWS adds; `registered` is whether there is a target."""

    def __init__(self, policy: Mapping[str, Any] | None = None, alarms: Sequence[str] = (), *, registered: bool = True) -> None:
        self.policy, self.alarms, self.registered = policy, alarms, registered
        self.target = {"MinCapacity": 1, "MaxCapacity": 3}
        self.writes: list[str] = []

    def describe_scaling_policies(self, **_wanted: Any) -> dict[str, Any]:
        if self.policy is None:
            return {"ScalingPolicies": []}
        configuration = {**self.policy["TargetTrackingScalingPolicyConfiguration"], "DisableScaleIn": False}
        described = {**self.policy, "TargetTrackingScalingPolicyConfiguration": configuration}
        return {"ScalingPolicies": [{**described, "PolicyARN": "arn", "Alarms": [{"AlarmName": name} for name in self.alarms]}]}

    def describe_alarms(self, **_wanted: Any) -> dict[str, Any]:
        return {"MetricAlarms": [{"AlarmName": name} for name in self.alarms]}

    def put_scaling_policy(self, **_request: Any) -> dict[str, Any]:
        self.writes.append("put")
        return {"PolicyARN": "arn"}

    def describe_scalable_targets(self, **_wanted: Any) -> dict[str, Any]:
        return {"ScalableTargets": [self.target]}

    def register_scalable_target(self, **_request: Any) -> None:
        self.writes.append("register")

    def deregister_scalable_target(self, **request: Any) -> None:
        if not self.registered:
            raise ClientError({"Error": {"Code": "ObjectNotFoundException", "Message": "No scalable target found"}}, "Deregister")
        self.writes.append(request["ResourceId"])

    def delete_alarms(self, **request: Any) -> None:
        self.writes.extend(request["AlarmNames"])


def put(**settings: Any) -> Mapping[str, Any]:
    (policy,) = policies(ENDPOINT, Autoscaling(**settings))
    return policy.request


@pytest.mark.parametrize(
    ("policy", "alarms", "outcome"),
    [
        (None, (), "created"),
        (put(), ("high", "low"), "adopted"),
        (put(), (), "updated"),
        (put(target=9), ("high", "low"), "updated"),
    ],
)
def test_a_policy_is_put_where_it_differs_or_has_no_alarms(policy: Mapping[str, Any] | None, alarms: tuple[str, ...], outcome: str) -> None:
    scaling: Any = Scaling(policy, alarms)
    variant = ScaledVariant(scaling, scaling, ENDPOINT)
    assert list(variant.ensure_policies(policies(ENDPOINT, Autoscaling()), ACCOUNT)) == [outcome]
    assert scaling.writes == ([] if outcome == "adopted" else ["put"])


@pytest.mark.parametrize(("registered", "writes"), [(True, ["endpoint/pets/variant/AllTraffic"]), (False, [])])
def test_what_is_not_registered_needs_no_deregistration(monkeypatch: pytest.MonkeyPatch, registered: bool, writes: list[str]) -> None:  # noqa: FBT001
    scaling = Scaling(registered=registered)
    monkeypatch.setattr("pedigree.aws.resources.serving.client", lambda *_: scaling)
    deregister_autoscaling(ACCOUNT, ENDPOINT)
    assert scaling.writes == [*writes, "pets--cpu-out", "pets--cpu-in"]


def test_limits_that_a_schedule_has_set_are_kept() -> None:
    scaling: Any = Scaling()
    night = Schedule(name="night", when="cron(0 22 * * ? *)", min_instances=1, max_instances=1)
    scaling.target = {"MinCapacity": 1, "MaxCapacity": 1}
    variant = ScaledVariant(scaling, scaling, ENDPOINT)
    assert variant.ensure_target(Autoscaling(schedules=(night,)), ACCOUNT) == "adopted"
    assert variant.ensure_target(Autoscaling(), ACCOUNT) == "updated"


def test_steps_count_from_the_threshold_of_their_alarm() -> None:
    steps = tuple(CpuStep(cpu=cpu, change=change) for cpu, change in ((90, 2), (70, 1), (30, -1), (10, -2)))
    out, down = policies(ENDPOINT, Autoscaling(policy="cpu steps", cpu_steps=steps))
    assert out.request["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
    ]
    assert down.request["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalUpperBound": 0, "MetricIntervalLowerBound": -20, "ScalingAdjustment": -1},
        {"MetricIntervalUpperBound": -20, "ScalingAdjustment": -2},
    ]
    assert out.alarm is not None
    assert down.alarm is not None
    assert (out.alarm["Threshold"], out.alarm["ComparisonOperator"]) == (70, "GreaterThanOrEqualToThreshold")
    assert (down.alarm["Threshold"], down.alarm["ComparisonOperator"]) == (30, "LessThanOrEqualToThreshold")


def test_latency_is_tracked_in_microseconds() -> None:
    request = put(policy="latency", latency_target_ms=250)
    configuration = request["TargetTrackingScalingPolicyConfiguration"]
    assert (request["PolicyName"], configuration["TargetValue"]) == ("model-latency", 250_000)
    assert configuration["CustomizedMetricSpecification"]["MetricName"] == "ModelLatency"


def test_a_rule_is_said_in_words() -> None:
    assert rule_of(Autoscaling()) == "target 3 invocations per instance"
    assert rule_of(Autoscaling(policy="cpu steps")) == "CPU -1 up to 30%, +1 from 70%, +2 from 90%"

"""Application Auto Scaling within this process, over an endpoint that is only in the books."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws.call import AwsError, Call, Principal
from local_aws.cloud import Cloud
from local_aws.metrics.alarms import Alarms
from local_aws.scaling.policies import SERVICE, Scaling

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
TRACKING = {
    "TargetValue": 3.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 300,
}

MAIN = SimpleNamespace(instance_type="ml.m5.large")


class Variant:
    """One variant of an endpoint, and the calls about its scaling."""

    def __init__(self, cloud: Cloud, endpoint: str) -> None:
        self.cloud, self.endpoint = cloud, endpoint
        self.scaling = Scaling(cloud, Alarms(cloud))
        self.resource = f"endpoint/{endpoint}/variant/main"

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        named = {"ServiceNamespace": "sagemaker", "ResourceId": self.resource, "ScalableDimension": DIMENSION}
        call = Call(SERVICE, operation, Principal("arn:aws:iam::123456789012:root"), named | parameters)
        return self.scaling.operations()[SERVICE, operation](call)

    def register(self, **parameters: Any) -> dict[str, Any]:
        return self.call("RegisterScalableTarget", **({"MinCapacity": 1, "MaxCapacity": 3} | parameters))

    def put_policy(self, name: str = "p", **changes: Any) -> dict[str, Any]:
        config = TRACKING | changes
        return self.call(
            "PutScalingPolicy", PolicyName=name, PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=config
        )

    def alarms(self) -> dict[str, Any]:
        """The endpoint's alarms in CloudWatch, by name."""
        alarms = self.cloud.books("cloudwatch").alarms
        return {name: alarm for name, alarm in alarms.items() if f"/{self.endpoint}/" in name}


@pytest.fixture
def variant(tmp_path: Path) -> Iterator[Variant]:
    cloud, endpoint = Cloud("http://127.0.0.1:1", tmp_path), f"e-{uuid.uuid4().hex[:8]}"
    endpoints = cloud.books("sagemaker").endpoints
    endpoints[endpoint] = SimpleNamespace(variant=lambda name: MAIN if name == "main" else None)
    yield Variant(cloud, endpoint)
    del endpoints[endpoint]


@pytest.mark.parametrize("resource", ["endpoint/{}/variant/other", "endpoint/nowhere-{}/variant/main", "endpoint/{}"])
def test_a_variant_that_does_not_exist_is_refused(variant: Variant, resource: str) -> None:
    with pytest.raises(AwsError, match=r"ValidationException.*doesn't exist"):
        variant.register(ResourceId=resource.format(variant.endpoint))


def test_burstable(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MAIN, "instance_type", "ml.t2.medium")
    with pytest.raises(AwsError, match=r"ValidationException.*burstable instances such as ml\.t2\.medium"):
        variant.register()


def test_one_policy_for_a_metric(variant: Variant) -> None:
    variant.register()
    variant.put_policy()
    variant.put_policy(TargetValue=5.0)
    with pytest.raises(AwsError, match="Only one TargetTrackingScaling policy for a given metric specification is allowed"):
        variant.put_policy("another")


def test_a_target_acts_under_the_service_linked_role(variant: Variant) -> None:
    variant.register()
    target = variant.cloud.books("applicationautoscaling").targets[DIMENSION][variant.resource]
    assert target.role_arn.endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
    assert any(role.arn == target.role_arn for role in variant.cloud.books("iam").roles.values())


def test_limits_must_be_given_in_order(variant: Variant) -> None:
    with pytest.raises(AwsError, match="Maximum capacity cannot be less"):
        variant.register(MinCapacity=4)
    with pytest.raises(AwsError, match="required to register"):
        variant.call("RegisterScalableTarget", MinCapacity=1)
    first = variant.register()
    assert variant.call("RegisterScalableTarget", MaxCapacity=5) == first


def test_a_policy_needs_a_registered_target(variant: Variant) -> None:
    with pytest.raises(AwsError, match=r"ObjectNotFoundException: No scalable target registered for .*variant/main"):
        variant.put_policy()


def test_target_tracking_makes_its_two_alarms(variant: Variant) -> None:
    variant.register()
    names = [alarm["AlarmName"] for alarm in variant.put_policy()["Alarms"]]
    prefix = f"TargetTracking-{variant.resource}-Alarm"
    assert [name.startswith(f"{prefix}{kind}-") for name, kind in zip(names, ("High", "Low"), strict=True)] == [True, True]
    high, low = (variant.alarms()[name] for name in names)
    assert (high.comparison_operator, high.threshold, high.evaluation_periods) == ("GreaterThanThreshold", 3.0, 3)
    assert (low.comparison_operator, low.threshold, low.evaluation_periods) == ("LessThanThreshold", pytest.approx(2.7), 15)
    assert {dimension.name: dimension.value for dimension in high.dimensions} == {"EndpointName": variant.endpoint, "VariantName": "main"}


def test_a_changed_policy_keeps_its_arn_and_its_alarms(variant: Variant) -> None:
    variant.register()
    before, after = variant.put_policy(), variant.put_policy(TargetValue=10.0)
    assert before == after
    assert sorted(alarm.threshold for alarm in variant.alarms().values()) == [9.0, 10.0]


def test_without_scaling_in_there_is_no_low_alarm(variant: Variant) -> None:
    variant.register()
    variant.put_policy()
    assert len(variant.put_policy(DisableScaleIn=True)["Alarms"]) == 1
    assert len(variant.alarms()) == 1


def test_policies_are_described_by_name(variant: Variant) -> None:
    variant.register()
    alarms = variant.put_policy()["Alarms"]
    described = variant.call("DescribeScalingPolicies", PolicyNames=["p"])["ScalingPolicies"]
    assert [(policy["PolicyName"], policy["Alarms"]) for policy in described] == [("p", alarms)]
    assert described[0]["TargetTrackingScalingPolicyConfiguration"] == TRACKING
    assert variant.call("DescribeScalingPolicies", PolicyNames=["q"])["ScalingPolicies"] == []


def test_deleting_the_policy_deletes_its_alarms(variant: Variant) -> None:
    variant.register()
    variant.put_policy()
    variant.call("DeleteScalingPolicy", PolicyName="p")
    assert variant.alarms() == {}
    with pytest.raises(AwsError, match="ObjectNotFoundException: No scaling policy found"):
        variant.call("DeleteScalingPolicy", PolicyName="p")


def test_deregistering_takes_policies_and_alarms_along(variant: Variant) -> None:
    variant.register()
    variant.put_policy()
    variant.call("DeregisterScalableTarget")
    assert variant.alarms() == {}
    assert variant.call("DescribeScalingPolicies")["ScalingPolicies"] == []
    with pytest.raises(AwsError, match="ObjectNotFoundException: No scalable target found"):
        variant.call("DeregisterScalableTarget")


def test_tags_are_those_of_the_target(variant: Variant) -> None:
    arn = variant.register(Tags={"pedigree:project": "p"})["ScalableTargetARN"]
    variant.call("TagResource", ResourceARN=arn, Tags={"a": "1"})
    variant.call("UntagResource", ResourceARN=arn, TagKeys=["pedigree:project"])
    assert variant.call("ListTagsForResource", ResourceARN=arn) == {"Tags": {"a": "1"}}

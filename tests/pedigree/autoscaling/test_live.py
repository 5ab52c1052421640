"""Autoscaling of a real endpoint: a policy counts only with its alarms, and nothing of it is left behind."""

from typing import Any, Literal

import pytest

from pedigree.autoscaling.variant import deregister_autoscaling, register_autoscaling
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.resources.serving import DIMENSION
from pedigree.aws.resources.table import SCALING_ALARM
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.endpoint.rollout import Rollout
from pedigree.settings import Autoscaling, Schedule
from pedigree.values import Endpoint
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.small_models import SECOND, SERVING, registered

WRITES = ("application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScalingPolicy")

NIGHT = Schedule(name="night", when="cron(0 22 * * ? *)", min_instances=1, max_instances=1)


@pytest.fixture
def endpoint(live: LiveAccount) -> Endpoint:
    return deploy_endpoint(live.account, registered(live), SERVING)


def alarms(live: LiveAccount, endpoint: Endpoint) -> dict[str, dict[str, Any]]:
    """The endpoint's alarms by name."""
    found = live.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-endpoint/{endpoint.name}/")
    return {alarm["AlarmName"]: alarm for alarm in found["MetricAlarms"]}


def scaling_of(live: LiveAccount, endpoint: Endpoint) -> list[str]:
    """Names of all that autoscaling is made of."""
    scaling, named = live.client("application-autoscaling"), {"ServiceNamespace": "sagemaker"}
    resource = f"endpoint/{endpoint.name}/variant/{endpoint.variant}"
    own = live.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{endpoint.name}--cpu-")["MetricAlarms"]
    return [
        *(target["ResourceId"] for target in scaling.describe_scalable_targets(**named, ResourceIds=[resource])["ScalableTargets"]),
        *(policy["PolicyName"] for policy in scaling.describe_scaling_policies(**named, ResourceId=resource)["ScalingPolicies"]),
        *(action["ScheduledActionName"] for action in scaling.describe_scheduled_actions(**named, ResourceId=resource)["ScheduledActions"]),
        *(alarm["AlarmName"] for alarm in own),
        *alarms(live, endpoint),
    ]


def scaling_writes(live: LiveAccount) -> list[str]:
    return [action for action in live.writes() if action.startswith("application-autoscaling:")]


def test_it_is_registered_with_its_alarms_and_then_adopted(live: LiveAccount, endpoint: Endpoint) -> None:
    first = register_autoscaling(live.account, endpoint, Autoscaling())
    assert (first.resource, first.outcome) == (f"endpoint/{live.account.project}/variant/AllTraffic", "created")
    assert set(first.alarms) == set(alarms(live, endpoint))
    assert {alarm["Threshold"] for alarm in alarms(live, endpoint).values()} == {3.0, 2.7}
    assert set(scaling_writes(live)) == set(WRITES)
    before = scaling_writes(live)
    again = register_autoscaling(live.account, endpoint, Autoscaling())
    assert (again.alarms, again.outcome, scaling_writes(live)) == (first.alarms, "adopted", before)


@pytest.mark.parametrize(("change", "write"), list(zip(({"max_instances": 2}, {"target": 10.0}), WRITES, strict=True)))
def test_other_settings_update_what_they_are_about(live: LiveAccount, endpoint: Endpoint, change: dict[str, float], write: str) -> None:
    first = register_autoscaling(live.account, endpoint, Autoscaling())
    before = len(scaling_writes(live))
    changed = register_autoscaling(live.account, endpoint, Autoscaling(**change))
    assert (changed.outcome, scaling_writes(live)[before:]) == ("updated", [write])
    assert set(changed.alarms) == set(first.alarms) == set(alarms(live, endpoint))


@pytest.mark.parametrize("lost", [1, 2])
def test_a_policy_whose_alarms_are_gone_gets_them_back(live: LiveAccount, endpoint: Endpoint, lost: int) -> None:
    first = register_autoscaling(live.account, endpoint, Autoscaling())
    live.client("cloudwatch").delete_alarms(AlarmNames=first.alarms[:lost])
    repaired = register_autoscaling(live.account, endpoint, Autoscaling())
    assert repaired.outcome == "updated"
    assert len(repaired.alarms) == 2
    assert set(repaired.alarms) == set(alarms(live, endpoint))


def test_another_policy_takes_the_place_of_the_one_before(live: LiveAccount, endpoint: Endpoint) -> None:
    register_autoscaling(live.account, endpoint, Autoscaling())
    stepped = Autoscaling(policy="cpu steps", schedules=(NIGHT,))
    steps = register_autoscaling(live.account, endpoint, stepped)
    assert (steps.alarms, steps.outcome) == ((f"{endpoint.name}--cpu-out", f"{endpoint.name}--cpu-in"), "created")
    assert scaling_of(live, endpoint)[1:] == ["cpu-out", "cpu-in", "night", *steps.alarms]
    before = live.writes()
    assert register_autoscaling(live.account, endpoint, stepped).outcome == "adopted"
    assert live.writes() == before
    latency = register_autoscaling(live.account, endpoint, Autoscaling(policy="latency"))
    assert scaling_of(live, endpoint)[1:] == ["model-latency", *latency.alarms]
    assert {alarm["MetricName"] for alarm in alarms(live, endpoint).values()} == {"ModelLatency"}


@pytest.mark.parametrize("policy", ["invocations", "cpu steps"])
def test_what_is_deregistered_leaves_nothing(live: LiveAccount, endpoint: Endpoint, policy: Literal["invocations", "cpu steps"]) -> None:
    register_autoscaling(live.account, endpoint, Autoscaling(policy=policy, schedules=(NIGHT,)))
    assert len(scaling_of(live, endpoint)) >= 5
    deregister_autoscaling(live.account, endpoint)
    deregister_autoscaling(live.account, endpoint)
    assert scaling_of(live, endpoint) == []


def test_a_teardown_finds_the_alarms_of_steps(live: LiveAccount, endpoint: Endpoint) -> None:
    register_autoscaling(live.account, endpoint, Autoscaling(policy="cpu steps"))
    found = {alarm.name: alarm.of for alarm in SCALING_ALARM.find(live.account)}
    assert found == {f"{endpoint.name}--cpu-out": endpoint.name, f"{endpoint.name}--cpu-in": endpoint.name}


def test_a_deploy_keeps_the_instances_that_autoscaling_has_made(live: LiveAccount, endpoint: Endpoint) -> None:
    three = Autoscaling(min_instances=3)
    register_autoscaling(live.account, endpoint, three)

    def count() -> int:
        described = live.client("sagemaker").describe_endpoint(EndpointName=endpoint.name)
        return int(described["ProductionVariants"][0]["CurrentInstanceCount"]) if described["EndpointStatus"] == "InService" else 0

    wait_until(lambda: count() == 3)
    again = deploy_endpoint(live.account, registered(live, SECOND), SERVING)
    assert (again.config != endpoint.config, count()) == (True, 3)
    assert register_autoscaling(live.account, again, three).outcome == "adopted"


def test_a_deploy_during_which_autoscaling_takes_instances_away_is_no_failure(live: LiveAccount, endpoint: Endpoint) -> None:
    register_autoscaling(live.account, endpoint, Autoscaling())
    live.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint.name, DesiredWeightsAndCapacities=[{"VariantName": endpoint.variant, "DesiredInstanceCount": 2}]
    )
    again = deploy_endpoint(live.account, registered(live, SECOND), SERVING)  # without a request: scaling in is due at any moment
    assert (again.outcome, again.config != endpoint.config) == ("updated", True)


def test_an_endpoint_that_scales_while_it_is_checked_has_no_problem(live: LiveAccount, endpoint: Endpoint) -> None:
    sagemaker = live.client("sagemaker")
    wanted = [{"VariantName": endpoint.variant, "DesiredInstanceCount": 2}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint.name, DesiredWeightsAndCapacities=wanted)
    assert sagemaker.describe_endpoint(EndpointName=endpoint.name)["EndpointStatus"] == "Updating"
    assert Rollout(sagemaker, live.account, endpoint.name).problems(endpoint.config) == []


def test_a_policy_of_somebody_else_for_the_same_metric_is_named(live: LiveAccount, endpoint: Endpoint) -> None:
    registered_policy = register_autoscaling(live.account, endpoint, Autoscaling())
    scaling = live.aws.client("application-autoscaling")
    named = {"ServiceNamespace": "sagemaker", "ResourceId": registered_policy.resource, "ScalableDimension": DIMENSION}
    (ours,) = scaling.describe_scaling_policies(**named)["ScalingPolicies"]
    scaling.delete_scaling_policy(PolicyName=ours["PolicyName"], **named)
    tracking = {name: ours[name] for name in ("PolicyType", "TargetTrackingScalingPolicyConfiguration")}
    scaling.put_scaling_policy(PolicyName="by-hand", **named, **tracking)
    with pytest.raises(SpecDiffers, match="the policy by-hand, which is not of this project, tracks the same metric"):
        register_autoscaling(live.account, endpoint, Autoscaling())


@pytest.mark.parametrize("policy", ["invocations", "cpu steps"])
def test_another_instance_type_is_deployed_and_scaled_as_before(
    live: LiveAccount, endpoint: Endpoint, policy: Literal["invocations", "cpu steps"]
) -> None:
    register_autoscaling(live.account, endpoint, Autoscaling(policy=policy, max_instances=4, schedules=(NIGHT,)))
    before = scaling_of(live, endpoint)
    moved = deploy_endpoint(live.account, registered(live), SERVING.model_copy(update={"instance_type": "ml.c5.large"}))
    (variant,) = live.client("sagemaker").describe_endpoint_config(EndpointConfigName=moved.config)["ProductionVariants"]
    assert (moved.outcome, variant["InstanceType"]) == ("updated", "ml.c5.large")
    after = scaling_of(live, endpoint)
    assert [name.partition("-Alarm")[0] for name in after] == [name.partition("-Alarm")[0] for name in before]  # AWS names alarms at random
    assert "application-autoscaling:DeregisterScalableTarget" in scaling_writes(live)
    again = register_autoscaling(live.account, moved, Autoscaling(policy=policy, max_instances=4, schedules=(NIGHT,)))
    assert (again.outcome, again.max_instances) == ("adopted", 4)
